import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Command, RunView, Taken } from '../api/gen/types.gen'
import { bigRun, FakeServer, FakeWorld, ME, product, RUN, user } from '../test/fake-server'
import { LiveConnection } from './connection'
import { withMessage } from './messages'
import { RunStore } from './run-store'

function setUp(view = bigRun(3, 3)) {
  const server = new FakeServer(view)
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
  return { server, world, connection, store }
}

/** Lets everything that is still under way arrive. */
function settle({ server, world }: ReturnType<typeof setUp>): void {
  for (let round = 0; round < 60; round++) {
    server.sendAll()
    world.pass(1_000)
  }
}

describe('a run over the live connection', () => {
  test('begins with a snapshot and goes on with events', () => {
    const all = setUp()
    all.server.sendAll()
    all.server.bid(user(1), product(0), '2')
    all.server.sendAll()

    expect(all.store.shown?.view).toEqual(all.server.view)
    expect(all.connection.status).toBe('live')
  })

  test('shows a bid at once and keeps it when the line breaks before the answer', async () => {
    const all = setUp()
    all.server.sendAll()
    all.world.lost = true

    const outcome = all.store.ask({ type: 'place_bid', product_id: product(1), quantity: '4' })
    expect(all.store.shown?.view.products[1]?.bids[0]?.quantity).toBe('4')
    expect(all.store.shown?.underWay).toHaveLength(1)
    all.world.tear()
    all.world.lost = false
    settle(all)

    await expect(outcome).resolves.toEqual({ kind: 'committed', seq: 2 })
    expect(all.store.shown?.underWay).toEqual([])
    expect(all.store.shown?.view).toEqual(all.server.view)
  })

  test('asks again with the same id when the outcome is unknown', async () => {
    const all = setUp()
    all.server.sendAll()
    all.world.lost = true
    const outcome = all.store.ask({ type: 'place_bid', product_id: product(0), quantity: '3' })
    all.world.lost = false

    const socket = all.world.sockets.at(-1)?.connected
    socket?.events.message(JSON.stringify({ type: 'unknown', id: 2, retry_after_ms: 500 }))
    all.world.pass(499)
    expect(all.server.log).toHaveLength(0)
    all.world.pass(1)
    all.server.sendAll()

    await expect(outcome).resolves.toMatchObject({ kind: 'committed' })
    expect([...all.server.effects().values()]).toEqual([1])
  })

  test('leaves no trace of what was rejected, and keeps what others did meanwhile', async () => {
    const all = setUp()
    all.server.sendAll()
    all.world.lost = true
    const outcome = all.store.ask({ type: 'place_bid', product_id: product(0), quantity: '9' })
    all.server.bid(user(1), product(0), '5')
    all.server.sendAll()

    const socket = all.world.sockets.at(-1)?.connected
    socket?.events.message(JSON.stringify({ type: 'rejected', id: 2, code: 'GAP_TAKEN', detail: 'too late' }))

    await expect(outcome).resolves.toMatchObject({ kind: 'rejected', code: 'GAP_TAKEN' })
    expect(all.store.shown?.view).toEqual(all.server.view)
  })

  test('says that it catches up, and after failures that it is offline', () => {
    const all = setUp()
    all.server.sendAll()
    expect(all.connection.status).toBe('live')

    all.world.tear()
    expect(all.connection.status).toBe('catching_up')
    for (let i = 0; i < 3; i++) {
      all.world.pass(16_000)
      all.world.tear()
    }
    expect(all.connection.status).toBe('offline')

    settle(all)
    expect(all.connection.status).toBe('live')
  })

  test('a line that is silent is a lost one', () => {
    const all = setUp()
    all.server.sendAll()
    all.world.lost = true

    all.world.pass(45_000)

    expect(all.world.sockets.length).toBeGreaterThan(1)
  })

  test('stays out when the server shows it the door', () => {
    const all = setUp()
    all.server.sendAll()

    const socket = all.world.sockets.at(-1)?.connected
    socket?.events.message(JSON.stringify({ type: 'revoked', topic: `run:${RUN}`, reason: 'removed_from_group' }))
    all.world.tear()
    settle(all)

    expect(all.store.gone).toEqual({ reason: 'removed_from_group' })
    expect(all.connection.status).toBe('live')
  })
})

type Step =
  | { kind: 'bid'; who: number; product: number; quantity: number }
  | { kind: 'ask'; product: number; quantity: number }
  | { kind: 'deliver' | 'repeat' | 'lose'; which: number }
  | { kind: 'reset' | 'tear' | 'mute' | 'hear' }
  | { kind: 'pass'; ms: number }

const index = fc.nat(50)
const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('bid' as const),
        who: fc.integer({ min: 1, max: 2 }),
        product: fc.nat(2),
        quantity: fc.integer({ min: 1, max: 20 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('ask' as const),
        product: fc.nat(2),
        quantity: fc.integer({ min: 1, max: 20 }),
      }),
    },
    { weight: 12, arbitrary: fc.record({ kind: fc.constant('deliver' as const), which: index }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('repeat' as const, 'lose' as const), which: index }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom('reset' as const, 'tear' as const, 'mute' as const, 'hear' as const),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 5_000 }) }) },
  ),
  { maxLength: 80 },
) as fc.Arbitrary<Step[]>

function take(all: ReturnType<typeof setUp>, step: Step): void {
  const { server, world, store } = all
  const pick = (which: number) => which % Math.max(1, server.wire.length)
  if (step.kind === 'bid') server.bid(user(step.who), product(step.product), String(step.quantity))
  if (step.kind === 'ask')
    void store.ask({ type: 'place_bid', product_id: product(step.product), quantity: String(step.quantity) })
  if (step.kind === 'deliver') server.deliver(pick(step.which))
  if (step.kind === 'lose') server.wire.splice(pick(step.which), 1)
  if (step.kind === 'repeat') {
    const frame = server.wire[pick(step.which)]
    if (frame) server.wire.push({ ...frame })
  }
  if (step.kind === 'reset') server.reset()
  if (step.kind === 'tear') world.tear()
  if (step.kind === 'mute') world.lost = true
  if (step.kind === 'hear') world.lost = false
  if (step.kind === 'pass') world.pass(step.ms)
}

test('frames reordered, repeated, lost and reset: in the end the page is what the server holds, each command once', () => {
  fc.assert(
    fc.property(steps, (chosen) => {
      const all = setUp()
      let seq = 0
      all.store.subscribe(() => {
        const now = all.store.confirmed?.seq ?? 0
        expect(now).toBeGreaterThanOrEqual(seq)
        seq = now
      })

      for (const step of chosen) take(all, step)
      all.world.lost = false
      all.world.tear()
      settle(all)

      expect(all.store.confirmed).toEqual(all.server.view)
      expect(all.store.shown?.underWay).toEqual([])
      expect([...all.server.effects().values()].every((times) => times === 1)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

describe('what is said about a run', () => {
  test('is told as it comes, and others’ counts until it is looked at', () => {
    const all = setUp()
    const told: unknown[] = []
    all.store.onMessage = (message) => told.push(message)
    all.server.sendAll()

    const theirs = all.server.say(user(1), 'm1', 'Bring bags')
    const mine = all.server.say(ME, 'm2', 'I will')
    all.server.sendAll()

    expect(told).toEqual([theirs, mine])
    expect(all.store.unheard).toBe(1)
    all.store.heard()
    expect(all.store.unheard).toBe(0)
  })

  test('may be missed while the line is down, which is told, too', () => {
    const all = setUp()
    const told: unknown[] = []
    all.store.onMessage = (message) => told.push(message)
    all.server.sendAll()
    expect(told).toEqual([])

    all.world.tear()
    settle(all)

    expect(told).toEqual([undefined])
  })

  test('stands in the list once, however often it comes', () => {
    const [old, fresh] = [setUp().server.say(user(1), 'm1', 'Old'), setUp().server.say(user(1), 'm2', 'New')]
    const known = {
      pages: [
        { items: [old], next_cursor: 'next' },
        { items: [], next_cursor: null },
      ],
      pageParams: [undefined, 'next'],
    }

    const once = withMessage(known, fresh)

    expect(once.pages).toMatchObject([{ items: [fresh, old] }, { items: [] }])
    expect(withMessage(once, fresh)).toBe(once)
    expect(withMessage(once, old)).toBe(once)
  })
})

describe('handing out', () => {
  const allocation = (user_id: string, received: string, taken?: Taken) => ({ user_id, received, share: 100, taken })
  const boxes = () => {
    const view = bigRun(3, 3)
    const item = { requested: '2', bought: '2', total: 200, changed: 1 }
    return {
      ...view,
      state: 'distributing',
      products: [
        { ...view.products[0], item: { ...item, allocations: [allocation(ME, '1'), allocation(user(1), '1')] } },
        { ...view.products[1], item: { ...item, allocations: [allocation(user(1), '2', 'left_with_leader')] } },
        { ...view.products[2], item: { ...item, allocations: [allocation(user(1), '0')] } },
      ],
    } as RunView
  }
  const takenOf = ({ store }: ReturnType<typeof setUp>) =>
    store.shown?.view.products.map((p) => p.item?.allocations?.map((a) => a.taken ?? '–').join())

  const table: [Command, (string | undefined)[]][] = [
    [{ type: 'pick_up', user_id: user(1), product_id: product(0) }, ['–,picked_up', 'left_with_leader', '–']],
    [{ type: 'pick_up', user_id: user(1) }, ['–,picked_up', 'left_with_leader', '–']],
    [{ type: 'left_with_leader', user_id: ME }, ['left_with_leader,–', 'left_with_leader', '–']],
    [{ type: 'undo_pick_up', user_id: user(1) }, ['–,–', '–', '–']],
  ]
  test.each(table)('shows %j at once', (command, wanted) => {
    const all = setUp(boxes())
    all.server.sendAll()
    expect(takenOf(all)).toEqual(['–,–', 'left_with_leader', '–'])
    all.world.lost = true

    void all.store.ask(command)

    expect(takenOf(all)).toEqual(wanted)
  })
})
