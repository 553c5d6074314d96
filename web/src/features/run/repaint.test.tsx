import { act } from 'preact/test-utils'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { speak } from '../../i18n'
import { LiveConnection } from '../../live/connection'
import { RunStore } from '../../live/run-store'
import { bigRun, FakeServer, FakeWorld, ME, product, RUN, user } from '../../test/fake-server'
import { People } from './People'
import { Products } from './Products'
import { Totals } from './Totals'

// Every card paints one meter, and every person one face: so often was it painted.
const painted = vi.hoisted(() => ({ cards: [] as string[], faces: 0, lists: 0 }))
vi.mock('../../ui/Meter', () => ({
  Meter: ({ label }: { label: string }) => {
    painted.cards.push(label)
    return null
  },
}))
vi.mock('../../ui/Cards', async (original) => ({
  ...(await original<typeof import('../../ui/Cards')>()),
  Heading: ({ children }: { children: React.ReactNode }) => {
    painted.lists += 1
    return <h2>{children}</h2>
  },
}))

let root: Root
beforeEach(async () => {
  root = createRoot(document.body.appendChild(document.createElement('div')))
  await speak('en')
})
afterEach(() => root.unmount())

async function show() {
  const server = new FakeServer(bigRun(100, 30))
  const world = new FakeWorld(server)
  const connection = new LiveConnection(world)
  let ids = 0
  const store = new RunStore(
    RUN,
    ME,
    connection,
    () => undefined,
    () => `command-${ids++}`,
  )
  connection.hold(store.topic, store)
  connection.start()
  world.pass(1)
  server.sendAll()
  act(() =>
    root.render(
      <>
        <Totals store={store} me={ME} />
        <Products store={store} me={ME} onOpen={() => {}} onAdd={() => {}} />
        <People store={store} />
      </>,
    ),
  )
  // They come in pieces.
  await vi.waitFor(() => expect(document.querySelectorAll('[data-product]')).toHaveLength(100), { timeout: 30_000 })
  painted.cards.length = 0
  painted.lists = 0
  return { server, world, store }
}

test('one bid by somebody else paints one card of a hundred, and no list', async () => {
  const { server } = await show()

  act(() => {
    server.bid(user(7), product(42), '2')
    server.sendAll()
  })

  // Once with the bid, once for the light that it switches on.
  expect(painted.cards.length).toBeGreaterThan(0)
  expect(new Set(painted.cards).size).toBe(1)
  expect(painted.cards.length).toBeLessThanOrEqual(2)
  expect(painted.lists).toBe(0)
})

test('my own bid, under way, leaves the other cards alone when others bid', async () => {
  const { server, world, store } = await show()
  world.lost = true
  act(() => void store.ask({ type: 'place_bid', product_id: product(3), quantity: '2' }))
  expect(document.body.textContent).toContain('2\u00a0kg')
  painted.cards.length = 0

  act(() => {
    server.bid(user(8), product(90), '4')
    server.sendAll()
  })

  expect(new Set(painted.cards).size).toBe(1)
  expect(painted.lists).toBe(0)
})
