/** Looks at what a page shows: axe finds nothing, nothing is wider than the screen, no word is cut, no text is missing. */

import { expect, type Locator, type Page } from '@playwright/test'
import axe from 'axe-core'
import type { Language } from '../src/i18n'

const THEMES = ['light', 'dark'] as const
/** Names of texts, if one is shown instead of what it says. */
const KEY =
  /\b(action|admin|adjust|auth|balances|bid|cancel|catalogue|end|error|group|groups|hand|invite|lead|live|nav|news|notice|outcome|policy|problem|product|profile|qty|receipts|run|search|settle|shop|split|state|store|talk|unit)\.[a-z][A-Za-z_]+\b/

export class Looks {
  private readonly page: Page
  private readonly project: string
  private readonly language: Language

  constructor(page: Page, project: string, language: Language) {
    this.page = page
    this.project = project
    this.language = language
  }

  /** Opens a page, waits until nothing of it is on its way any more, and looks. */
  async visit(path: string, name: string): Promise<void> {
    await this.page.goto(path)
    await there(this.page)
    await this.at(name)
  }

  /** Opens what the button opens, looks, and leaves it open. */
  async opened(button: Locator, name: string): Promise<void> {
    await button.click()
    await expect(this.page.locator('dialog[open]')).toBeVisible()
    await there(this.page)
    await this.at(name)
  }

  /** Opens what the button opens, looks, and closes it again. */
  async behind(button: Locator, name: string): Promise<void> {
    await this.opened(button, name)
    await this.close()
  }

  async close(): Promise<void> {
    await this.page.keyboard.press('Escape')
    await expect(this.page.locator('dialog[open]')).toHaveCount(0)
  }

  /**
   * Looks at what is there now, and leaves a picture of it for people. Of what axe looks for, only colours differ by theme, and
   * everything else by language hardly: in English it looks for all, once, and in each theme at the contrast.
   */
  async at(name: string): Promise<void> {
    const { page, language } = this
    await page.evaluate(unfold)
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
      await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
      await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))))
      await this.picture(`${theme}-${name}`)
      if (language === 'en') expect.soft(await violations(page, theme), `${name}, ${theme}`).toEqual([])
    }
    const found = await page.evaluate(measure)
    expect.soft(found, name).toEqual({ wider: 0, cut: [], spilt: [] })
    expect.soft(await page.locator('body').innerText(), name).not.toMatch(KEY)
  }

  /** For people to look at. */
  async picture(name: string, more: { fullPage?: boolean } = {}): Promise<void> {
    if (process.env.CI && !process.env.BULQ_PICTURES) return
    await this.page.screenshot({ path: `test-results/pictures/${this.project}-${this.language}-${name}.png`, ...more })
  }
}

/** What is out of sight is left unpainted, in the colours it had last; everything is looked at. */
function unfold(): void {
  if (document.adoptedStyleSheets.length > 0) return
  const sheet = new CSSStyleSheet()
  sheet.replaceSync('* { content-visibility: visible !important }')
  document.adoptedStyleSheets = [sheet]
}

/** Behind an open dialog nothing can be reached; it was looked at before. */
async function violations(page: Page, theme: (typeof THEMES)[number]): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  return page.evaluate(findings, theme === 'light' ? undefined : ['color-contrast'])
}

async function findings(rules: string[] | undefined): Promise<string[]> {
  const { axe } = window as unknown as { axe: typeof import('axe-core') }
  const dialogs = [...document.querySelectorAll('dialog[open]')]
  const found = await axe.run(dialogs.length ? { include: dialogs } : document, {
    resultTypes: ['violations'],
    ...(rules && { runOnly: rules }),
  })
  return found.violations.map(({ id, nodes }) => `${id} ${nodes.map((node) => node.target).join(' ')}`)
}

/** By how much the page is wider than the screen, texts of which a part is not to be seen, and rows that leave their list. */
function measure(): { wider: number; cut: string[]; spilt: string[] } {
  const cut: string[] = []
  for (const element of document.querySelectorAll<HTMLElement>('body *')) {
    const { overflowX, clip } = getComputedStyle(element)
    // What only screen readers are told is a pixel wide on purpose.
    if (overflowX !== 'hidden' || clip !== 'auto' || element.clientWidth <= 1 || element.closest('.hidden')) continue
    if (element.scrollWidth > element.clientWidth + 1) cut.push(element.innerText)
  }
  const rows = [...document.querySelectorAll<HTMLElement>('main li')]
  const spilt = rows.filter((row) => {
    const list = row.parentElement as HTMLElement
    const isMeant = getComputedStyle(list).overflowX !== 'visible'
    return !isMeant && row.getBoundingClientRect().right > list.getBoundingClientRect().right + 1
  })
  const { scrollWidth, clientWidth } = document.documentElement
  return { wider: scrollWidth - clientWidth, cut, spilt: spilt.map((row) => row.innerText) }
}

/** Nothing of the page is on its way any more. */
export async function there(page: Page): Promise<void> {
  await expect(page.locator('main')).toBeVisible()
  await expect(page.locator('[role=status][aria-label]:not([aria-label=""]) > div')).toHaveCount(0)
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
  await page.evaluate(() => document.fonts.ready.then(() => undefined))
}
