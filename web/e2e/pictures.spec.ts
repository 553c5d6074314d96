import { type APIRequestContext, expect, type Page } from '@playwright/test'
import type { Language } from '../src/i18n'
import { Looks, there } from './looks'
import { Server } from './server'
import { about, LOCALES, languageOf, type Say } from './words'
import {
  test as base,
  card,
  expectLive,
  LIVE,
  type Live,
  line,
  openedBefore,
  type Pair,
  type Stage,
  type World,
} from './world'

// Every screen, dialog and menu there is, light and dark, on a phone and on a desktop, in the language of the project. A picture
// of each is left in test-results/pictures for people to look at.

const PASSWORD = 'bulq-demo' // pragma: allowlist secret
const STATES = [...LIVE, 'completed', 'cancelled']
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', // pragma: allowlist secret
  'base64',
)

/** A window in the demo's world, of nobody yet. */
const test = base.extend<{ language: Language; demo: { page: Page; looks: Looks } }, { demoServer: Server }>({
  demoServer: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern
    async ({}, use) => {
      const server = await Server.start({ BULQ_DEMO: 'yes', BULQ_DEMO_BOTS: '0' })
      await use(server)
      await server.stop()
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  language: async ({ locale }, use) => use(languageOf(locale)),
  demo: async ({ demoServer, browser, viewport, isMobile, hasTouch, language }, use, { project }) => {
    const context = await browser.newContext({
      baseURL: demoServer.address,
      viewport,
      isMobile,
      hasTouch,
      locale: LOCALES[language],
      serviceWorkers: 'block',
    })
    await context.addInitScript(openedBefore)
    const page = await context.newPage()
    const errors: string[] = []
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
    page.on('pageerror', (error) => errors.push(error.message))
    await use({ page, looks: new Looks(page, project.name, language) })
    expect(errors).toEqual([])
    await context.close()
  },
})
test.setTimeout(600_000)
// They take by far the longest, so each worker has its share of them.
test.describe.configure({ mode: 'parallel' })

test('every screen around the runs', async ({ demo: { page, looks } }) => {
  await looks.visit('/login', 'login')
  await looks.visit('/register', 'register')
  await logIn(page, 'ana')
  await page.goto('/')
  const [group = ''] = await groupsOf(page)
  const invite = await post(page, `${group}/invites`)
  await looks.visit('/', 'groups')
  await looks.visit(group, 'group')
  await looks.visit(`${group}/new-run`, 'new-run')
  await looks.visit(`${group}/settings`, 'group-settings')
  await looks.visit(`${group}/balances`, 'balances')
  await looks.visit('/notifications', 'notifications')
  await looks.visit('/me', 'me')
  await looks.visit('/search?q=ric', 'search')
  await looks.visit(`/products/${await first(page.request, 'products')}`, 'product')
  await looks.visit(`/stores/${await first(page.request, 'stores')}`, 'store')
  for (const part of ['', '/users', '/groups', '/stores', '/products', '/log'])
    await looks.visit(`/admin${part}`, `admin${part.replace('/', '-')}`)
  await page.evaluate(() => localStorage.clear())
  await page.context().clearCookies()
  await looks.visit(`/invite/${invite.token}`, 'invite')
})

test('every screen of a run', async ({ demo: { page, looks }, say }) => {
  await page.goto('/login')
  await logIn(page, 'ana')
  await page.goto('/')
  for (const [state, id] of await runs(page, await groupsOf(page))) {
    await looks.visit(`/runs/${id}`, `run-${state}`)
    await looks.picture(`whole-run-${state}`, { fullPage: true })
    await looks.behind(page.getByRole('button', { name: say('run.options') }), `run-${state}-menu`)
    if (state !== 'active') continue
    await looks.behind(page.getByRole('button', { name: say('run.talk') }), 'talk')
    // As many faces as a card shows, and my own amount beside them.
    await page
      .getByRole('button', { name: new RegExp(`^${say('run.join')}`) })
      .first()
      .click()
    await looks.at('run-active-joined')
    await page.locator('[data-product] button').first().click()
    await there(page)
    await page.locator('dialog summary').last().click()
    await looks.at('bid')
    await page.locator('dialog figure').scrollIntoViewIfNeeded()
    await looks.at('bid-prices')
    await looks.close()
  }
})

test('every dialog around the runs', async ({ demo: { page, looks }, say }) => {
  await page.goto('/login')
  await logIn(page, 'ana')
  await page.goto('/')
  const [group = ''] = await groupsOf(page)
  const { button, next } = dialogs(page, looks)

  await looks.behind(button(say('groups.new')), 'new-group')
  await page.goto(group)
  await looks.behind(button(say('groups.invite')), 'invite-qr')
  await page.goto(`${group}/settings`)
  await looks.opened(page.getByRole('button', { name: /: / }).first(), 'member')
  await next(say('group.remove'), 'member-remove')
  await looks.behind(button(say('group.leave')), 'group-leave')
  await page.goto(`${group}/balances`)
  await looks.behind(button(say('balances.pay')), 'payment')

  await page.goto('/me')
  await looks.behind(button(say('profile.editName')), 'me-name')
  await looks.behind(button(say('profile.password')), 'me-password')
  await looks.behind(button(say('profile.erase')), 'me-erase')
  await looks.behind(button(say('profile.endAll')), 'me-log-out-everywhere')
})

test('every dialog of the catalogue and the admin', async ({ demo: { page, looks }, say }) => {
  await page.goto('/login')
  await logIn(page, 'ana')
  const { button, next } = dialogs(page, looks)

  const store = await first(page.request, 'stores')
  await page.goto(`/stores/${store}`)
  await looks.behind(button(say('store.edit')), 'store-edit')
  await looks.behind(button(say('store.import')), 'store-import')
  await looks.behind(page.locator('main li button[aria-label]').first(), 'store-offer')
  const { items } = await get(page, `/stores/${store}/products?limit=1`)
  await page.goto(`/products/${(items as [{ product: { id: string } }])[0].product.id}`)
  await there(page)
  await looks.at('product-sold')
  await looks.behind(button(say('product.edit')), 'product-edit')
  await looks.behind(button(say('product.addToRun')), 'product-to-run')
  await looks.behind(button(say('family.into')), 'product-family')
  const family = await post(page, '/products', { name: 'Flour of any kind', unit: 'kg', is_family: true })
  await looks.visit(`/products/${family.id}`, 'family-empty')
  await looks.behind(button(say('family.addMember')), 'family-member')
  await page.goto('/search?q=basmati')
  await looks.behind(button(say('search.newProduct')), 'product-new')
  await looks.behind(button(say('search.newStore')), 'store-new')

  await page.goto('/admin/users')
  await there(page)
  await looks.opened(page.locator('main li button').last(), 'admin-user')
  await next(say('admin.disable'), 'admin-user-disable')
  await page.goto('/admin/groups')
  await there(page)
  await looks.behind(page.locator('main li button').first(), 'admin-group-remove')
  await page.goto('/admin/products')
  await there(page)
  await looks.opened(page.locator('main li button').first(), 'admin-product')
  await next(say('admin.merge'), 'admin-product-merge')
  await page.locator('main li button').first().click()
  await next(say('action.remove'), 'admin-product-remove')
})

/** Lea's window: the run is opened in it, and what she sees is looked at. */
async function leas(world: World, pair: Pair, about: { project: string; language: Language; say: Say }) {
  const page = await world.window(pair.lea)
  const looks = new Looks(page, about.project, about.language)
  const show = async (state: Live) => {
    const stage = await world.runIn(state, pair)
    await page.goto(`/runs/${stage.run}`)
    await there(page)
    return stage
  }
  const choose = options(page, about.say)
  /** What cancelling means just now. */
  const cancelling = async (state: Live) => {
    await choose(about.say('run.cancel'))
    await there(page)
    await looks.at(`cancel-${state}`)
  }
  return { page, looks, show, choose, cancelling }
}

test('every dialog of a run until it is closed', async ({ world, say, language }, { project }) => {
  const pair = await world.pair()
  const { page, looks, show, choose, cancelling } = await leas(world, pair, { project: project.name, language, say })

  await show('planning')
  await cancelling('planning')
  await show('confirmed')
  await cancelling('confirmed')

  const stage = await show('active')
  await cancelling('active')
  await looks.close()
  await page
    .getByRole('button', { name: say('run.confirm') })
    .or(page.getByRole('button', { name: say('run.ready') }))
    .first()
    .click()
  await choose(say('run.confirm'))
  await looks.at('close-bidding')
  await looks.close()
  await choose(say('run.addProduct'))
  await there(page)
  await looks.at('add-product')
  await page.getByLabel(say('run.addSearch')).fill('Something nobody has yet')
  await page.locator('dialog button').last().click()
  await looks.at('add-new-product')
  await looks.close()
  await choose(say('run.details'))
  await looks.at('details')
  await looks.close()
  await choose(say('run.helpers'))
  await looks.at('helpers')
  await looks.close()
  await choose(say('run.handover'))
  await looks.at('handover')
  await page.getByRole('dialog').getByRole('button', { name: /Ana/ }).click()
  await choose(say('run.handover'))
  await looks.at('handover-offered')
  await looks.close()
  await looks.behind(card(page, stage.rice).getByRole('button').first(), 'my-bid')
  await world.call(stage.ana, 'POST', `/runs/${stage.run}/messages`, { text: `@${stage.lea.username} bring bags` })
  await world.call(stage.lea, 'POST', `/runs/${stage.run}/messages`, { text: 'I will' })
  await page.getByRole('button', { name: new RegExp(say('run.talk')) }).click()
  await expect(page.getByRole('log').getByRole('listitem')).toHaveCount(2)
  await looks.at('talk-said')
  await page.getByRole('button', { name: say('talk.search') }).click()
  await page.getByLabel(say('talk.search')).last().fill('bags')
  await expect(page.getByText(say('talk.found', { n: 1 }))).toBeVisible()
  await looks.at('talk-search')
  const hers = await world.window(stage.ana)
  await hers.goto(`/runs/${stage.run}`)
  await expect(hers.getByText(say('lead.yours', { name: 'Lea' }))).toBeVisible()
  await new Looks(hers, project.name, language).at('handover-yours')
})

test('every dialog of a run from the store to its end', async ({ world, say, language }, { project }) => {
  const pair = await world.pair()
  const { page, looks, show, choose, cancelling } = await leas(world, pair, { project: project.name, language, say })

  {
    const stage = await show('shopping')
    await cancelling('shopping')
    await page.getByRole('button', { name: say('cancel.next') }).click()
    await looks.at('cancel-why')
    await looks.close()
    const open = (product: Stage['rice']) => line(page, product).locator('button').last()
    await looks.behind(open(stage.oats), 'purchase')
    await looks.behind(open(stage.rice), 'purchase-done')
    await looks.behind(page.getByRole('button', { name: say('shop.finish') }), 'finish-shopping')
    await page.getByRole('button', { name: say('shop.addItem') }).click()
    await there(page)
    await looks.at('add-item')
    await page
      .locator('dialog li button, dialog button')
      .filter({ hasText: /Rice|Oats/ })
      .first()
      .click()
    await looks.at('add-item-for')
    await looks.close()
    await choose(say('run.receipts'))
    await there(page)
    await looks.at('receipts-none')
    await page
      .locator('input[type=file][multiple]')
      .setInputFiles({ name: 'a long name of a till receipt.png', mimeType: 'image/png', buffer: PIXEL })
    await expect(page.getByText('a long name of a till receipt.png').first()).toBeVisible()
    await looks.at('receipts')
    await page
      .getByRole('button', { name: /a long name of a till receipt/ })
      .first()
      .click()
    await looks.at('receipt')
    await page.getByRole('button', { name: about(say('receipts.remove')) }).click()
    await looks.at('receipts-remove')
  }

  await show('adjusting')
  await cancelling('adjusting')
  await looks.close()
  await page.getByRole('radio').nth(1).check()
  await looks.at('force-policy')
  await looks.behind(page.getByRole('button', { name: say('adjust.apply') }), 'force-policy-sure')

  {
    const stage = await show('distributing')
    await cancelling('distributing')
    await looks.close()
    await looks.behind(page.locator('main li[data-taken] button[aria-label]').first(), 'weigh')
    await looks.behind(page.getByRole('button', { name: say('settle.addCost') }), 'add-cost')
    await page.getByRole('button', { name: say('hand.byProduct') }).click()
    await looks.at('hand-by-product')
    for (const { id } of [stage.lea, stage.ana])
      await world.call(stage.lea, 'PUT', `/runs/${stage.run}/pickups/${id}`, {})
    await looks.behind(page.getByRole('button', { name: say('hand.complete') }), 'finish-run')
  }
})

test('what is empty, gone, broken or out of reach', async ({ world, say, language }, { project }) => {
  const mira = await world.person('Mira')
  const page = await world.window(mira, { serviceWorkers: 'block' })
  const looks = new Looks(page, project.name, language)
  await looks.visit('/', 'empty-groups')
  await looks.visit('/notifications', 'empty-notifications')
  await looks.visit('/search?q=nothing-is-called-so', 'empty-search')
  await looks.visit('/invite/not-a-token', 'gone-invite')
  await looks.visit('/nowhere', 'not-found')
  const group = await world.group(mira, [])
  await looks.visit(`/groups/${group}`, 'empty-group')
  await looks.visit(`/groups/${group}/balances`, 'empty-balances')
  const { store } = await world.store(mira, [])
  await looks.visit(`/stores/${store}`, 'empty-store')
  const run = await world.run(mira, group, store)
  await looks.visit(`/runs/${run}`, 'empty-run')
  await page.route(`**/api/v1/groups/${group}/balances`, (route) => route.fulfill({ status: 500, json: {} }))
  await page.goto(`/groups/${group}/balances`)
  await expect(
    page
      .getByRole('alert')
      .or(page.getByText(say('error.title')))
      .first(),
  ).toBeVisible()
  await looks.at('error')
  await page.route('**/api/v1/notifications?**', (route) => route.fulfill({ json: { items: [{}], next_cursor: null } }))
  await page.goto('/notifications')
  await expect(page.getByText(say('error.crash'))).toBeVisible()
  await looks.at('crash')

  const { lea, ana, ...stage } = await world.runIn('shopping')
  const hers = await world.window(ana)
  await hers.goto(`/runs/${stage.run}`)
  await expectLive(hers, say)
  await world.call(lea, 'DELETE', `/groups/${stage.group}/members/${ana.id}`)
  await expect(hers.getByText(say('run.gone')).first()).toBeVisible()
  await new Looks(hers, project.name, language).at('gone-run')

  const shop = await world.window(lea)
  const shopping = new Looks(shop, project.name, language)
  await shop.goto(`/runs/${stage.run}`)
  await expectLive(shop, say)
  await shop.context().setOffline(true)
  await expect(shop.getByRole('banner').getByText(say('live.offline'))).toBeVisible()
  await line(shop, stage.oats).locator('button').first().click()
  await expect(shop.getByText(say('shop.waiting', { n: 1 }))).toBeVisible()
  await shopping.at('offline-shopping')
  await world.buy({ lea, ana, ...stage }, stage.oats, '2', 200)
  await shop.context().setOffline(false)
  await expect(shop.getByRole('alert')).toBeVisible()
  await shopping.at('conflict')
})

function dialogs(page: Page, looks: Looks) {
  const button = (name: string) => page.getByRole('button', { name, exact: true }).last()
  /** From the dialog on the page to the one that comes after it. */
  const next = async (name: string, picture: string) => {
    await looks.opened(page.getByRole('dialog').getByRole('button', { name }).last(), picture)
    await looks.close()
  }
  return { button, next }
}

/** A chooser of what is in the menu of a run. */
function options(page: Page, say: Say) {
  return async (name: string) => {
    await page.getByRole('button', { name: say('run.options') }).click()
    await page.getByRole('dialog').getByRole('button', { name, exact: true }).click()
    await expect(page.locator('dialog[open]')).toBeVisible()
  }
}

async function logIn(page: Page, username: string): Promise<void> {
  const { origin } = new URL(page.url())
  const answer = await page.request.post('/api/v1/auth/session', {
    data: { username, password: PASSWORD },
    headers: { origin },
  })
  await page.evaluate((hint) => localStorage.setItem('bulq.me', hint), await answer.text())
}

async function get(page: Page, path: string): Promise<Record<string, unknown>> {
  return (await page.request.get(`/api/v1${path}`)).json()
}

async function post(page: Page, path: string, data = {}): Promise<Record<string, unknown>> {
  const headers = { origin: new URL(page.url()).origin }
  return (await page.request.post(`/api/v1${path}`, { data, headers })).json()
}

/** `/groups/…` of each. */
async function groupsOf(page: Page): Promise<string[]> {
  const { items } = (await get(page, '/groups?limit=100')) as { items: { id: string }[] }
  return items.map(({ id }) => `/groups/${id}`)
}

async function first(api: APIRequestContext, kind: string): Promise<string> {
  const answer = await api.get(`/api/v1/${kind}?limit=1`)
  const { items } = (await answer.json()) as { items: [{ id: string }] }
  return items[0].id
}

/** One run of each state there is: the first, in which most people take part. */
async function runs(page: Page, groups: string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const group of groups) {
    const { items } = (await get(page, `${group}/runs?limit=100`)) as { items: { id: string; state: string }[] }
    for (const { id, state } of items) if (STATES.includes(state) && !found.has(state)) found.set(state, id)
  }
  expect([...found.keys()].sort()).toEqual([...STATES].sort())
  return found
}
