/** A server for tests: one run with bids, kept as a log, behind sockets that a test may tear, delay and repeat. */

import type { EventEnvelope, RunMessage, RunView } from '../api/gen/types.gen'
import type { Socket, SocketEvents, World } from '../live/connection'
import { fold } from '../live/fold'

export const RUN = '00000000-0000-7000-8000-000000000001'
export const ME = '00000000-0000-7000-8000-0000000000a0'
export const user = (n: number): string => `00000000-0000-7000-8000-0000000000${(0xa0 + n).toString(16)}`
export const product = (n: number): string => `00000000-0000-7000-8000-00000000${(0x1000 + n).toString(16)}`

const AT = '2026-01-01T10:00:00Z'

/** A run with `products` products and `people` people, each of whom wants one of each. */
export function bigRun(products: number, people: number): RunView {
  const persons = Array.from({ length: people }, (_, n) => user(n))
  return {
    id: RUN,
    group_id: '00000000-0000-7000-8000-000000000002',
    store_id: '00000000-0000-7000-8000-000000000003',
    store_name: 'Market',
    currency: 'EUR',
    state: 'active',
    seq: 1,
    leader_id: ME,
    auto_confirm: false,
    times: {},
    estimate: 0,
    shortage_policy: 'equal_awards',
    participants: persons.map((user_id, n) => ({
      user_id,
      name: `Person ${n}`,
      role: n === 0 ? 'leader' : 'participant',
      ready: false,
      removed: false,
    })),
    products: Array.from({ length: products }, (_, n) => ({
      product_id: product(n),
      name: `Product ${n}`,
      unit: 'kg',
      step: '0.5',
      price: 100,
      interested: 0,
      wanted: String(people),
      bids: persons.map((user_id) => ({ user_id, min: '0', quantity: '1', max: '1', interested_only: false })),
      plan: { pack: '50', minimum: '0', packs: 0, planned: '0', gap: String(50 - people) },
    })),
    viewer: { role: 'leader', may: ['place_bid', 'retract_bid', 'set_ready', 'confirm', 'cancel'] },
  } as RunView
}

interface Bid {
  product_id: string
  quantity: string
}

interface Connected {
  events: SocketEvents
  subscribed: boolean
  open: boolean
  /** Was told to start afresh. */
  isReset: boolean
}

export class FakeServer {
  readonly log: EventEnvelope[] = []
  view: RunView
  /** What the run was at each seq. */
  readonly said = new Map<number, RunView>()
  /** Commands are answered with `unknown`, or with no. */
  mood: 'willing' | 'busy' | 'refusing' = 'willing'
  readonly refused = new Set<string>()
  /** Somebody who was told to start afresh asked to go on instead. */
  breaches = 0
  /** Where each command id took effect. */
  readonly results = new Map<string, number>()
  /** Who knows less than this gets a snapshot. */
  private start: RunView
  private readonly sockets = new Set<Connected>()

  constructor(view: RunView) {
    this.start = this.view = view
    this.said.set(view.seq, view)
  }

  /** Somebody's bid becomes an event, once per command. */
  bid(by: string, product_id: string, quantity: string, command_id?: string): number {
    const known = command_id === undefined ? undefined : this.results.get(command_id)
    if (known !== undefined) return known
    const seq = this.view.seq + 1
    const before = this.view.products.find((p) => p.product_id === product_id)
    const others = (before?.bids ?? []).filter((b) => b.user_id !== by).reduce((sum, b) => sum + Number(b.quantity), 0)
    const wanted = String(others + Number(quantity))
    const plan = { pack: '50', minimum: '0', packs: 0, planned: '0', gap: String(50 - Number(wanted)) }
    const event = {
      seq,
      at: AT,
      by,
      command_id,
      type: 'bid_placed',
      user_id: by,
      product_id,
      quantity,
      max: quantity,
      wanted,
      plan,
    } as EventEnvelope
    this.log.push(event)
    this.view = fold(this.view, event)
    this.said.set(seq, this.view)
    if (command_id !== undefined) this.results.set(command_id, seq)
    for (const socket of this.sockets)
      if (socket.subscribed) this.tell(socket, { type: 'events', topic: `run:${RUN}`, events: [event] })
    return seq
  }

  /** How often each command took effect. */
  effects(): Map<string, number> {
    const counts = new Map<string, number>()
    for (const { command_id } of this.log) if (command_id) counts.set(command_id, (counts.get(command_id) ?? 0) + 1)
    return counts
  }

  connect(events: SocketEvents): Connected {
    const socket = { events, subscribed: false, open: true, isReset: false }
    this.sockets.add(socket)
    return socket
  }

  disconnect(socket: Connected): void {
    socket.open = false
    this.sockets.delete(socket)
  }

  hear(socket: Connected, text: string): void {
    const frame = JSON.parse(text)
    if (frame.type === 'subscribe') this.subscribe(socket, frame.id, frame.after)
    if (frame.type === 'unsubscribe') socket.subscribed = false
    if (frame.type === 'ping') this.tell(socket, { type: 'pong', id: frame.id })
    if (frame.type === 'command') this.tell(socket, this.answer(frame))
  }

  private answer({ id, command_id, command }: { id: number; command_id: string; command: Bid }): object {
    if (this.mood === 'busy') return { type: 'unknown', id, run: RUN, retry_after_ms: 300 }
    if (this.mood === 'refusing' && !this.results.has(command_id)) this.refused.add(command_id)
    if (this.refused.has(command_id)) return { type: 'rejected', id, run: RUN, code: 'GAP_TAKEN', detail: 'too late' }
    return { type: 'committed', id, run: RUN, seq: this.bid(ME, command.product_id, command.quantity, command_id) }
  }

  /** Somebody says something about the run. */
  say(by: string, id: string, text: string): RunMessage {
    const message = { id, run_id: RUN, author_id: by, author_name: 'Somebody', text, created_at: AT }
    for (const socket of this.sockets)
      if (socket.subscribed) this.tell(socket, { type: 'message', topic: `run:${RUN}`, message })
    return message
  }

  /** What everybody has is no longer good, and no event says in what: only a snapshot does. */
  reset(): void {
    const seq = this.view.seq + 1
    this.start = this.view = { ...this.view, seq, comment: `as it really is at ${seq}` }
    this.said.set(seq, this.view)
    for (const socket of this.sockets) {
      if (!socket.subscribed) continue
      socket.subscribed = false
      this.tell(socket, { type: 'reset', topic: `run:${RUN}`, reason: 'test' })
    }
  }

  sendAll(): void {
    for (const socket of [...this.sockets]) this.drain(socket)
  }

  /** What waits on the way to the client. */
  readonly wire: { socket: Connected; text: string }[] = []

  deliver(index = 0): void {
    const [frame] = this.wire.splice(index, 1)
    if (!frame?.socket.open) return
    if (frame.text.includes('"type":"reset"')) frame.socket.isReset = true
    frame.socket.events.message(frame.text)
  }

  private drain(socket: Connected): void {
    for (let i = 0; i < this.wire.length; ) {
      if (this.wire[i]?.socket === socket) this.deliver(i)
      else i++
    }
  }

  private tell(socket: Connected, frame: object): void {
    this.wire.push({ socket, text: JSON.stringify(frame) })
  }

  private subscribe(socket: Connected, id: number, after: number | undefined): void {
    socket.subscribed = true
    if (socket.isReset && after !== undefined) this.breaches += 1
    socket.isReset = false
    const topic = `run:${RUN}`
    const { seq } = this.view
    if (after === undefined || after < this.start.seq) {
      this.tell(socket, { type: 'subscribed', id, topic, seq, snapshot: this.view })
    } else {
      const events = this.log.filter((event) => event.seq > after)
      this.tell(socket, { type: 'subscribed', id, topic, seq, events })
    }
  }
}

/** A world with a clock of its own. */
export class FakeWorld implements World {
  time = 0
  sockets: { connected: Connected; opened: boolean }[] = []
  private timers: { at: number; run: () => void }[] = []
  private readonly server: FakeServer
  /** What the client says reaches the server at once, unless the test holds it back. */
  lost = false

  constructor(server: FakeServer) {
    this.server = server
  }

  connect(events: SocketEvents): Socket {
    const connected = this.server.connect(events)
    const entry = { connected, opened: false }
    this.sockets.push(entry)
    this.later(1, () => {
      if (!connected.open) return
      entry.opened = true
      events.open()
    })
    return {
      send: (text) => {
        if (connected.open && !this.lost) this.server.hear(connected, text)
      },
      close: () => this.server.disconnect(connected),
    }
  }

  /** The line breaks: what is on the way is gone. */
  tear(): void {
    for (const { connected } of this.sockets) {
      if (!connected.open) continue
      this.server.disconnect(connected)
      connected.events.close(1006, '')
    }
  }

  now(): number {
    return this.time
  }

  random(): number {
    return 0.5
  }

  later(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((known) => known !== timer)
    }
  }

  pass(ms: number): void {
    const until = this.time + ms
    for (;;) {
      const next = this.timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.timers = this.timers.filter((timer) => timer !== next)
      this.time = Math.max(this.time, next.at)
      next.run()
    }
    this.time = until
  }
}
