/** People, groups, stores and runs for a test, made over the API; verbs for what people do on the page. */

import { type Browser, type BrowserContext, test as base, expect, type Page } from '@playwright/test'
import { Server } from './server'
import { languageOf, type Say, saying } from './words'

type Json = Record<string, unknown>

export interface Person {
  id: string
  name: string
  username: string
  password: string
  token: string
}

export interface Product {
  id: string
  name: string
  price: number
}

export interface Pair {
  lea: Person
  ana: Person
  group: string
}

/** A run of two people, and what is in it. */
export interface Stage extends Pair {
  store: string
  run: string
  rice: Product
  oats: Product
}

/** In which a run is as long as it is not over. */
export const LIVE = ['planning', 'active', 'confirmed', 'shopping', 'adjusting', 'distributing'] as const
export type Live = (typeof LIVE)[number]

let count = 0

async function call<Answer>(
  server: Server,
  who: Person | undefined,
  method: string,
  path: string,
  body?: Json,
): Promise<Answer> {
  const response = await fetch(`${server.address}/api/v1${path}`, {
    method,
    headers: {
      ...(who && { authorization: `Bearer ${who.token}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    body: body && JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as Answer
}

async function register(server: Server, name: string): Promise<Person> {
  const username = `${name.toLowerCase()}-${Date.now().toString(36)}-${count++}`
  const password = `password of ${name}`
  const about = { username, name, password }
  const tokens = await call<{ access_token: string; user: { id: string } }>(
    server,
    undefined,
    'POST',
    '/auth/register',
    about,
  )
  return { id: tokens.user.id, name, username, password, token: tokens.access_token }
}

/** Nobody is here for the first time, when letters are the device's own. */
export function openedBefore() {
  localStorage.setItem('bulq.kept', 'yes')
}

export class World {
  readonly server: Server
  /** The first account of the server looks after it. */
  readonly admin: Person
  private readonly browser: Browser
  private readonly options: object
  private readonly contexts: BrowserContext[] = []

  constructor(server: Server, admin: Person, browser: Browser, options: object) {
    this.server = server
    this.admin = admin
    this.browser = browser
    this.options = options
  }

  call<Answer>(who: Person | undefined, method: string, path: string, body?: Json): Promise<Answer> {
    return call(this.server, who, method, path, body)
  }

  person(name: string): Promise<Person> {
    return register(this.server, name)
  }

  async group(leader: Person, members: Person[], name = 'Staircase 4'): Promise<string> {
    const { id } = await this.call<{ id: string }>(leader, 'POST', '/groups', { name, currency: 'EUR' })
    const token = await this.invite(leader, id)
    for (const member of members) await this.call(member, 'POST', `/invites/${token}/accept`)
    return id
  }

  async invite(leader: Person, group: string): Promise<string> {
    const invite = await this.call<{ token: string }>(leader, 'POST', `/groups/${group}/invites`, {})
    return invite.token
  }

  async store(
    by: Person,
    products: { name: string; unit?: string; step?: string; price?: number; pack?: string }[],
  ): Promise<{ store: string; products: Product[] }> {
    const { id: store } = await this.call<{ id: string }>(by, 'POST', '/stores', { name: `Market ${count++}` })
    const made: Product[] = []
    for (const { name, unit = 'kg', step = '0.5', price = 250, pack } of products) {
      const { id } = await this.call<{ id: string }>(by, 'POST', '/products', {
        name: `${name} ${count++}`,
        unit,
        step,
      })
      await this.call(by, 'PUT', `/stores/${store}/products/${id}`, { price, pack })
      made.push({ id, name: `${name} ${count - 1}`, price })
    }
    return { store, products: made }
  }

  async run(leader: Person, group: string, store: string): Promise<string> {
    const { run_id } = await this.call<{ run_id: string }>(leader, 'POST', `/groups/${group}/runs`, { store_id: store })
    return run_id
  }

  bid(who: Person, run: string, product: Product, quantity: string, more: Json = {}): Promise<unknown> {
    return this.call(who, 'PUT', `/runs/${run}/bids/${product.id}`, { quantity, ...more })
  }

  /** Two people and their group. */
  async pair(): Promise<Pair> {
    const [lea, ana] = [await this.person('Lea'), await this.person('Ana')]
    return { lea, ana, group: await this.group(lea, [ana]) }
  }

  /** A run that was brought as far as `state`, the way people would. */
  async runIn(state: Live, pair?: Pair): Promise<Stage> {
    const { lea, ana, group } = pair ?? (await this.pair())
    const { store, products } = await this.store(lea, [
      { name: 'Rice', price: 210 },
      { name: 'Oats', price: 90 },
    ])
    const [rice, oats] = products as [Product, Product]
    const run = await this.run(lea, group, store)
    const stage = { lea, ana, group, store, run, rice, oats }
    const reached = LIVE.indexOf(state)
    await this.bid(lea, run, rice, '2')
    if (reached >= 1) await this.bid(ana, run, rice, '3')
    if (reached >= 1) await this.bid(ana, run, oats, '1')
    if (reached >= 2) await this.move(lea, run, 'confirm')
    if (reached >= 3) await this.move(lea, run, 'start-shopping')
    if (reached >= 3) await this.buy(stage, rice, state === 'adjusting' ? '4' : '5', 1000)
    if (reached >= 4) await this.buy(stage, oats, '1', 90)
    if (reached >= 4) await this.move(lea, run, 'finish-shopping')
    return stage
  }

  buy({ lea, run }: Stage, product: Product, quantity: string, total: number): Promise<unknown> {
    return this.call(lea, 'PUT', `/runs/${run}/items/${product.id}/purchase`, { quantity, total })
  }

  move(who: Person, run: string, step: string, body?: Json): Promise<unknown> {
    return this.call(who, 'POST', `/runs/${run}/${step}`, body)
  }

  /** A window of somebody who is logged in. */
  async window(who: Person | undefined, more: object = {}): Promise<Page> {
    const context = await this.browser.newContext({ ...this.options, baseURL: this.server.address, ...more })
    this.contexts.push(context)
    await context.addInitScript(openedBefore)
    const page = await context.newPage()
    page.on('pageerror', (error) => {
      throw error
    })
    if (who === undefined) return page
    const { username, password } = who
    const answer = await context.request.post('/api/v1/auth/session', {
      data: { username, password },
      headers: { origin: this.server.address },
    })
    const me = await answer.json()
    expect(answer.ok(), JSON.stringify(me)).toBe(true)
    await context.addInitScript((hint) => {
      localStorage.setItem('bulq.me', hint)
    }, JSON.stringify(me))
    return page
  }

  async close(): Promise<void> {
    for (const context of this.contexts) await context.close()
  }
}

export const test = base.extend<{ world: World; say: Say }, { server: Server; admin: Person }>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern
    async ({}, use) => {
      const server = await Server.start()
      await use(server)
      await server.stop()
    },
    { scope: 'worker' },
  ],
  admin: [async ({ server }, use) => use(await register(server, 'Adam')), { scope: 'worker' }],
  say: async ({ locale }, use) => use(saying(languageOf(locale))),
  world: async ({ server, admin, browser, viewport, isMobile, hasTouch, deviceScaleFactor, locale }, use) => {
    const world = new World(server, admin, browser, { viewport, isMobile, hasTouch, deviceScaleFactor, locale })
    await use(world)
    await world.close()
  },
})

export { expect }

/** The card of a product. */
export const card = (page: Page, product: Product) => page.locator(`[data-product="${product.id}"]`)
/** The line of a product on the shopping list. */
export const line = (page: Page, product: Product) => page.locator(`[data-item="${product.id}"]`)

/** What is on the page is what the server holds. */
export async function expectLive(page: Page, say: Say = saying('en')): Promise<void> {
  await expect(page.getByRole('banner').getByText(say('live.live'))).toBeVisible()
}
