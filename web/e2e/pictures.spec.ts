import { AxeBuilder } from '@axe-core/playwright'
import { type APIRequestContext, test as base, expect, type Page } from '@playwright/test'
import { Server } from './server'

// Every screen in the demo's world, in each language, light and dark: nothing is wider than the screen, axe finds nothing,
// no text is missing, and a picture of each is left in test-results/pictures for people to look at.

const PASSWORD = 'bulq-demo' // pragma: allowlist secret
const STATES = ['planning', 'active', 'confirmed', 'shopping', 'adjusting', 'distributing', 'completed', 'cancelled']
/** A commit is judged in minutes: light on a phone, dark on a desktop, in English. `make web-e2e` looks at all of it. */
const IN_BRIEF = Boolean(process.env.CI)
const themes = (project: string) => (IN_BRIEF ? [project === 'phone' ? 'light' : 'dark'] : ['light', 'dark']) as Theme[]
type Theme = 'light' | 'dark'
const LANGUAGES = IN_BRIEF ? (['en'] as const) : (['en', 'ru', 'sr'] as const)
const LOCALES = { en: 'en-GB', ru: 'ru-RU', sr: 'sr-Latn-RS' }
/** Names of texts, if one is shown instead of what it says. */
const KEY =
  /\b(action|admin|adjust|auth|balances|bid|cancel|end|error|group|hand|live|nav|news|notice|problem|product|profile|receipts|run|search|settle|shop|state|store|talk|unit)\.[a-z][A-Za-z_]+\b/

const test = base.extend<object, { demo: Server }>({
  demo: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern
    async ({}, use) => {
      const server = await Server.start({ BULQ_DEMO: 'yes', BULQ_DEMO_BOTS: '0' })
      await use(server)
      await server.stop()
    },
    { scope: 'worker', timeout: 120_000 },
  ],
})

/** Looks at what a page shows now. Colours differ by theme, everything else by language, so axe looks at English only. */
async function judge(page: Page, name: string, language: string, project: string): Promise<void> {
  for (const theme of themes(project)) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
    await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))))
    await page.screenshot({ path: `test-results/pictures/${project}-${language}-${theme}-${name}.png` })
    if (language !== 'en') continue
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect
      .soft(violations.map(({ id, nodes }) => `${name}, ${theme}: ${id} ${nodes.map((node) => node.target).join(' ')}`))
      .toEqual([])
  }
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect.soft(wider, `${name} is wider than the screen`).toBe(0)
  expect.soft(await page.locator('body').innerText(), name).not.toMatch(KEY)
}

for (const language of LANGUAGES) {
  test(`every screen, ${language}`, async ({ demo, browser, viewport, isMobile, hasTouch }, { project }) => {
    test.setTimeout(600_000)
    const context = await browser.newContext({
      baseURL: demo.address,
      viewport,
      isMobile,
      hasTouch,
      locale: LOCALES[language],
      serviceWorkers: 'block',
    })
    const page = await context.newPage()
    const errors: string[] = []
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
    page.on('pageerror', (error) => errors.push(error.message))
    await page.addInitScript((code) => localStorage.setItem('bulq.language', code), language)
    const look = (name: string) => judge(page, name, language, project.name)
    /** Opens a page, waits until nothing of it is on its way any more, and looks. */
    const visit = async (path: string, name: string) => {
      await page.goto(path)
      await there(page)
      await look(name)
    }
    /** Opens what the button opens, looks, and closes it again. */
    const sheet = async (button: ReturnType<Page['locator']>, name: string) => {
      await button.click()
      await expect(page.getByRole('dialog').or(page.getByRole('alertdialog')).first()).toBeVisible()
      await there(page)
      await look(name)
    }
    const close = async () => {
      await page.keyboard.press('Escape')
      await expect(page.locator('dialog[open]')).toHaveCount(0)
    }

    await visit('/login', 'login')
    await visit('/register', 'register')
    const answer = await context.request.post('/api/v1/auth/session', {
      data: { username: 'ana', password: PASSWORD },
      headers: { origin: demo.address },
    })
    const me = await answer.text()
    await page.evaluate((hint) => localStorage.setItem('bulq.me', hint), me)
    await visit('/', 'groups')
    const groups = await hrefs(page, '/groups/')
    const group = groups[0] ?? ''
    await visit(group, 'group')
    await visit(`${group}/new-run`, 'new-run')
    await visit(`${group}/settings`, 'group-settings')
    await visit(`${group}/balances`, 'balances')
    await visit('/notifications', 'notifications')
    await visit('/me', 'me')
    await visit('/nowhere', 'not-found')
    await visit('/search?q=ric', 'search')
    for (const part of ['', '/users', '/groups', '/stores', '/products', '/log']) {
      await visit(`/admin${part}`, `admin${part.replace('/', '-')}`)
    }
    await page.goto('/admin/products')
    await there(page)
    await sheet(page.locator('main li button').first(), 'admin-product')
    const invite = await context.request.post(`/api/v1${group}/invites`, {
      data: {},
      headers: { origin: demo.address },
    })
    await visit(`/invite/${(await invite.json()).token}`, 'invite')

    for (const [state, id] of await runs(page, groups)) {
      await visit(`/runs/${id}`, `run-${state}`)
      await page.screenshot({
        path: `test-results/pictures/${project.name}-${language}-whole-run-${state}.png`,
        fullPage: true,
      })
      const [talk, options] = [0, 1].map((i) => page.locator('header button').nth(-2 + i))
      if (talk === undefined || options === undefined) throw new Error('a run has two buttons on top')
      await sheet(options, `run-${state}-menu`)
      await close()
      if (state === 'active') {
        await sheet(talk, 'talk')
        await close()
        await sheet(page.locator('[data-product] button').first(), 'bid')
        await page.locator('dialog summary').last().click()
        await there(page)
        await page.locator('dialog figure').scrollIntoViewIfNeeded()
        await look('bid-prices')
        await close()
        await options.click()
        await page.locator('dialog li button').first().click()
        await expect(page.locator('dialog input[type=search]')).toBeVisible()
        await there(page)
        await look('add-product')
        await close()
      }
      if (state === 'shopping') {
        const lines = page.locator('[data-item] button:last-child')
        await sheet(lines.first(), 'purchase')
        await close()
        await options.click()
        await page
          .locator('dialog li button')
          .filter({ hasText: /Receipts|Чеки|Računi/ })
          .click()
        await expect(page.locator('dialog select')).toBeVisible()
        await there(page)
        await look('receipts')
        await close()
      }
      if (state === 'distributing') {
        const scales = page.locator('main li[data-taken] button[aria-label]')
        if (await scales.count()) {
          await sheet(scales.first(), 'weigh')
          await close()
        }
      }
    }
    await visit(`/products/${await first(context.request, 'products')}`, 'product')
    await visit(`/stores/${await first(context.request, 'stores')}`, 'store')
    await sheet(page.locator('main li button:has(svg)').last(), 'import')
    expect(errors).toEqual([])
    await context.close()
  })
}

/** Nothing of the page is on its way any more. */
async function there(page: Page): Promise<void> {
  await expect(page.locator('main')).toBeVisible()
  await expect(page.locator('[role=status][aria-label]:not([aria-label=""]) > div')).toHaveCount(0)
  await page.evaluate(() => document.fonts.ready.then(() => undefined))
}

async function hrefs(page: Page, start: string): Promise<string[]> {
  const links = page.locator(`main a[href^="${start}"]`)
  await expect(links.first()).toBeVisible()
  return links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''))
}

async function first(api: APIRequestContext, kind: string): Promise<string> {
  const answer = await api.get(`/api/v1/${kind}?limit=1`)
  const { items } = (await answer.json()) as { items: [{ id: string }] }
  return items[0].id
}

/** One run of each state there is. */
async function runs(page: Page, groups: string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const group of groups) {
    const answer = await page.request.get(`/api/v1${group}/runs?limit=100`)
    const { items } = (await answer.json()) as { items: { id: string; state: string }[] }
    for (const { id, state } of items) if (STATES.includes(state)) found.set(state, id)
  }
  return found
}
