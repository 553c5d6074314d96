import { AxeBuilder } from '@axe-core/playwright'
import { test as base, expect, type Page } from '@playwright/test'
import { Server } from './server'

// Every screen, light and dark, in the demo's world: axe finds nothing, nothing is wider than the screen, and a picture of
// each is left in test-results/pictures for people to look at.

const PASSWORD = 'bulq-demo' // pragma: allowlist secret
const STATES = ['planning', 'active', 'confirmed', 'shopping', 'adjusting', 'distributing', 'completed', 'cancelled']

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

async function judge(page: Page, name: string, theme: string, project: string): Promise<void> {
  await page.waitForTimeout(600)
  await page.screenshot({ path: `test-results/pictures/${project}-${theme}-${name}.png` })
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect
    .soft(violations.map(({ id, nodes }) => `${name}: ${id} ${nodes.map((node) => node.target).join(' ')}`))
    .toEqual([])
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect.soft(wider, `${name} is wider than the screen`).toBe(0)
}

for (const theme of ['light', 'dark'] as const) {
  test(`every screen, ${theme}`, async ({ demo, browser, viewport, isMobile, hasTouch, locale }, { project }) => {
    test.setTimeout(600_000)
    const context = await browser.newContext({
      baseURL: demo.address,
      viewport,
      isMobile,
      hasTouch,
      locale,
      colorScheme: theme,
      serviceWorkers: 'block',
    })
    const page = await context.newPage()
    const errors: string[] = []
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
    page.on('pageerror', (error) => errors.push(error.message))
    const look = (name: string) => judge(page, name, theme, project.name)

    await page.goto('/login')
    await expect(page.getByLabel('Username')).toBeVisible()
    await look('login')
    await page.goto('/register')
    await look('register')

    const answer = await context.request.post('/api/v1/auth/session', {
      data: { username: 'ana', password: PASSWORD },
      headers: { origin: demo.address },
    })
    const me = await answer.text()
    await page.evaluate((hint) => localStorage.setItem('bulq.me', hint), me)
    await page.goto('/')
    await expect(page.locator('a[href^="/runs/"]').first()).toBeVisible()
    await look('groups')
    const groups = await page
      .locator('a[href^="/groups/"]')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''))
    await page.goto(groups[0] ?? '')
    await expect(page.locator('a[href^="/runs/"]').first()).toBeVisible()
    await look('group')
    await page.goto(`${groups[0]}/new-run`)
    await look('new-run')
    await page.goto('/me')
    await look('me')
    await page.goto('/nowhere')
    await look('not-found')

    for (const [state, id] of await runs(page, groups)) {
      await page.goto(`/runs/${id}`)
      await expect(page.getByRole('banner').getByText('Live')).toBeVisible()
      await look(`run-${state}`)
      await page.getByRole('button', { name: 'Run options' }).click()
      await look(`run-${state}-menu`)
      await page.keyboard.press('Escape')
      if (state !== 'active') continue
      await page.locator('[data-product] button').first().click()
      await look('bid')
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Add a product' }).last().click()
      await look('add-product')
    }
    expect(errors).toEqual([])
    await context.close()
  })
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
