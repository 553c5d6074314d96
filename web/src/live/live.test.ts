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

  test('what the page has just asked for is not painted again by a snapshot that says the same', () => {
    const all = setUp()
    const asked = structuredClone(all.server.view)
    all.store.remember(asked, true)
    all.server.sendAll()

    expect(all.store.confirmed).toBe(asked)
    all.server.bid(user(1), product(0), '2')
    all.server.sendAll()
    expect(all.store.shown?.view).toEqual(all.server.view)
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
    all.world.pass(1_000)
    all.server.sendAll()

    await expect(outcome).resolves.toEqual({ kind: 'committed', seq: 2 })
    expect(all.store.shown?.underWay).toEqual([])
    expect(all.store.shown?.view).toEqual(all.server.view)
  })

  test('asks for the event of a command that was committed and is not heard of', () => {
    const all = setUp()
    all.server.sendAll()
    void all.store.ask({ type: 'place_bid', product_id: product(1), quantity: '4' })
    all.server.deliver(all.server.wire.findIndex(({ text }) => text.includes('"committed"')))
    all.server.wire.length = 0
    expect(all.store.shown?.underWay).toHaveLength(1)

    all.world.pass(2_000)
    all.server.sendAll()

    expect(all.store.confirmed).toEqual(all.server.view)
    expect(all.store.shown?.underWay).toEqual([])
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
  | { kind: 'reset' | 'tear' | 'mute' | 'hear' | 'wake' | 'sleep' }
  | { kind: 'remember'; which: number }
  | { kind: 'mood'; mood: FakeServer['mood'] }
  | { kind: 'pass'; ms: number }

const index = fc.nat(50)
const wish = { product: fc.nat(2), quantity: fc.integer({ min: 1, max: 20 }) }
const just = <Kind extends string>(...kinds: Kind[]) => fc.constantFrom(...kinds)
const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ kind: just('bid'), who: fc.integer({ min: 1, max: 2 }), ...wish }),
    },
    { weight: 4, arbitrary: fc.record({ kind: just('ask'), ...wish }) },
    { weight: 12, arbitrary: fc.record({ kind: just('deliver'), which: index }) },
    { weight: 3, arbitrary: fc.record({ kind: just('repeat', 'lose'), which: index }) },
    { weight: 2, arbitrary: fc.record({ kind: just('reset', 'tear', 'mute', 'hear', 'wake', 'sleep') }) },
    { weight: 1, arbitrary: fc.record({ kind: just('remember'), which: index }) },
    { weight: 1, arbitrary: fc.record({ kind: just('mood'), mood: just('willing', 'busy', 'refusing') }) },
    { weight: 2, arbitrary: fc.record({ kind: just('pass'), ms: fc.integer({ min: 1, max: 12_000 }) }) },
  ),
  { maxLength: 80 },
) as fc.Arbitrary<Step[]>

type All = ReturnType<typeof setUp>

function take(all: All, step: Step): void {
  const { server, world, store, connection } = all
  const pick = (which: number) => which % Math.max(1, server.wire.length)
  if (step.kind === 'bid') server.bid(user(step.who), product(step.product), String(step.quantity))
  if (step.kind === 'ask')
    void store.ask({ type: 'place_bid', product_id: product(step.product), quantity: String(step.quantity) })
  if (step.kind === 'deliver') server.deliver(pick(step.which))
  // After a reset the server says nothing more of the topic, so there is nothing that could show its loss.
  if (step.kind === 'lose' && !server.wire[pick(step.which)]?.text.includes('"reset"'))
    server.wire.splice(pick(step.which), 1)
  if (step.kind === 'repeat') {
    const frame = server.wire[pick(step.which)]
    if (frame) server.wire.push({ ...frame })
  }
  if (step.kind === 'reset') server.reset()
  if (step.kind === 'tear') world.tear()
  if (step.kind === 'mute') world.lost = true
  if (step.kind === 'hear') world.lost = false
  if (step.kind === 'wake') connection.wake()
  if (step.kind === 'sleep') connection.sleep()
  if (step.kind === 'remember') {
    const views = [...server.said.values()]
    store.remember(views[views.length - 1 - (step.which % views.length)] as RunView)
  }
  if (step.kind === 'mood') server.mood = step.mood
  if (step.kind === 'pass') world.pass(step.ms)
}

/** What must be true of the page whenever it is painted. */
function watch({ server, store }: All): void {
  let seq = 0
  const folded = new Set<string>()
  store.onEvent = ({ command_id }) => void (command_id && folded.add(command_id))
  store.subscribe(() => {
    const { confirmed, shown } = store
    if (confirmed === undefined || shown === undefined) return
    // Never back, and never anything that the server did not hold.
    expect(confirmed.seq).toBeGreaterThanOrEqual(seq)
    seq = confirmed.seq
    expect(confirmed).toEqual(server.said.get(seq))

    const waits = new Map(shown.underWay.map((u) => [u.commandId, u.command]))
    for (const id of waits.keys()) expect(folded.has(id)).toBe(false)
    for (const [id, at] of server.results) if (!waits.has(id)) expect(at).toBeLessThanOrEqual(seq)
    for (const [i, { bids }] of confirmed.products.entries()) {
      const mine = [...waits.values()].findLast((c) => c.type === 'place_bid' && c.product_id === product(i))
      const wanted = bids.map((b) => [
        b.user_id,
        b.user_id === ME && mine?.type === 'place_bid' ? mine.quantity : b.quantity,
      ])
      expect(shown.view.products[i]?.bids.map((b) => [b.user_id, b.quantity])).toEqual(wanted)
    }
  })
}

/** With a line that breaks once more, and with one that only loses what it lost. */
test.each(['a new line', 'the old line'])(
  'frames reordered, repeated, lost and reset, over %s: never shown what the server did not hold, in the end all of it',
  (line) => {
    fc.assert(
      fc.property(steps, (chosen) => {
        const all = setUp()
        watch(all)

        for (const step of chosen) take(all, step)
        const { world, server, store, connection } = all
        Object.assign(world, { lost: false })
        Object.assign(server, { mood: 'willing' })
        if (line === 'a new line') world.tear()
        else settle(all)
        server.bid(user(1), product(0), '7')
        settle(all)

        expect(store.confirmed).toEqual(server.view)
        expect(store.shown?.underWay).toEqual([])
        expect(connection.status).toBe('live')
        expect([...server.effects().values()].every((times) => times === 1)).toBe(true)
        expect(server.breaches).toBe(0)
        for (const id of server.refused) expect(server.results.has(id)).toBe(false)
      }),
      { numRuns: 1000 },
    )
  },
)

describe('what was kept from the last time', () => {
  const older = () => ({ ...bigRun(3, 3), seq: 1, comment: 'older' })

  test('is shown until the server has answered', () => {
    const all = setUp()
    all.store.remember(older())
    expect(all.store.shown?.view.comment).toBe('older')

    all.server.sendAll()

    expect(all.store.shown?.view).toEqual(all.server.view)
  })

  test('does not come over what the server said', () => {
    const all = setUp()
    all.server.sendAll()
    all.server.bid(user(1), product(0), '2')
    all.server.sendAll()

    all.store.remember(older())

    expect(all.store.shown?.view).toEqual(all.server.view)
  })
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
