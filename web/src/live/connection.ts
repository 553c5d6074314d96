/**
 * The live connection: one socket for everything that is open. It subscribes, resumes, reconnects, and carries commands
 * until each has its outcome. What a topic's frames mean is its holder's affair.
 *
 * A command is sent again under its old id after every reconnect and after every `unknown`, until the server says
 * committed or rejected; the server makes it take effect once.
 */

import type {
  Command,
  EventEnvelope,
  FrameCommitted,
  FrameEvents,
  FrameMessage,
  FramePresence,
  FrameRejected,
  FrameReset,
  FrameRevoked,
  FrameSubscribed,
  FrameUnknown,
  FrameWelcome,
  RunMessage,
} from '../api/gen/types.gen'

export type ServerFrame =
  | FrameWelcome
  | FrameSubscribed
  | FrameEvents
  | FramePresence
  | FrameMessage
  | FrameCommitted
  | FrameRejected
  | FrameUnknown
  | FrameReset
  | FrameRevoked
  | { type: 'pong' | 'unsubscribed'; id: number }

/** `catching_up`: on the way to being live again. `offline`: trying failed, what is shown may be old. */
export type Status = 'live' | 'catching_up' | 'offline'

export interface Socket {
  send(text: string): void
  close(): void
}

export interface SocketEvents {
  open(): void
  message(text: string): void
  close(code: number, reason: string): void
}

/** The world outside, so that a test can be the world. */
export interface World {
  connect(events: SocketEvents): Socket
  now(): number
  random(): number
  /** Calls back after `ms`; the answer cancels it. */
  later(ms: number, run: () => void): () => void
}

/** Who shows a topic. */
export interface Holder {
  /** The last seq seen, or undefined for a fresh snapshot. */
  after(): number | undefined
  subscribed(frame: FrameSubscribed): void
  events(events: EventEnvelope[]): void
  presence?(viewers: string[]): void
  /** Somebody said something about the run. */
  message?(message: RunMessage): void
  /** What was shown is no longer good; `after()` is undefined until the next `subscribed`. */
  reset(): void
  /** The server has nothing more for us here: `revoked`, or the subscription was refused. */
  ended(reason: string): void
}

export type Outcome =
  | { kind: 'committed'; seq: number }
  | { kind: 'rejected'; code: string; detail: string; facts: Record<string, unknown> }

export interface Sending {
  run: string
  commandId: string
  command: Command
  settle(outcome: Outcome): void
}

interface Pending extends Sending {
  id: number
  saidAt: number
}

interface Subscription {
  holder: Holder
  /** The id of the subscribe frame that is unanswered. */
  asked: number | undefined
  askedAt: number
}

const FIRST_WAIT_MS = 400
const LONGEST_WAIT_MS = 15_000
const PING_AFTER_MS = 20_000
const SILENT_MS = 35_000
const PULSE_MS = 5_000
const EVENTS_LATE_MS = 1_500
/** The server answers everything within half of it. */
const ANSWER_LATE_MS = 10_000
/** The server takes 50 frames a second from a socket; a long queue after a tunnel is sent at this pace. */
const BURST = 30
const NEXT_BURST_MS = 1_000

const CLOSE = { unauthenticated: 4001, forbidden: 4003, ended: 4009, tooFast: 4029, goingAway: 1001 }

export class LiveConnection {
  status: Status = 'catching_up'
  /** Who the server says we are. */
  user: string | undefined
  onStatus: (status: Status) => void = () => {}
  /** The login has ended. */
  onLoggedOut: () => void = () => {}

  private readonly world: World
  private readonly topics = new Map<string, Subscription>()
  private readonly pending = new Map<number, Pending>()
  private socket: Socket | undefined
  private open = false
  private wanted = false
  private failures = 0
  private heard = 0
  private nextId = 1
  private unsaid: string[] = []
  private allowed = BURST
  private cancelFlush: (() => void) | undefined
  private cancelRetry: (() => void) | undefined
  private cancelPulse: (() => void) | undefined

  constructor(world: World) {
    this.world = world
  }

  start(): void {
    if (this.wanted) return
    this.wanted = true
    this.failures = 0
    this.connect()
  }

  /** At logout. What is unanswered is forgotten. */
  stop(): void {
    this.wanted = false
    this.pending.clear()
    this.drop()
    this.tell()
  }

  /** The network came back, or the person did: try now, and find out soon whether the socket still lives. */
  wake(): void {
    if (!this.wanted) return
    if (this.socket === undefined) {
      this.failures = 0
      this.connect()
    } else if (this.open) {
      this.say({ type: 'ping', id: this.nextId++ })
      this.heard = Math.min(this.heard, this.world.now() - SILENT_MS + PULSE_MS)
    }
  }

  hold(topic: string, holder: Holder): () => void {
    this.topics.set(topic, { holder, asked: undefined, askedAt: 0 })
    if (this.open) this.subscribe(topic)
    this.tell()
    return () => {
      if (this.topics.get(topic)?.holder !== holder) return
      this.topics.delete(topic)
      if (this.open) this.say({ type: 'unsubscribe', id: this.nextId++, topic })
      this.tell()
    }
  }

  /** A gap was seen or the view was given up: ask for what is missing, unless that was asked already. */
  resume(topic: string): void {
    if (this.open && this.topics.get(topic)?.asked === undefined) this.subscribe(topic)
    this.tell()
  }

  /** The server has come to `seq`: if the holder has not soon, its events were lost on the way. */
  expect(topic: string, seq: number): void {
    this.world.later(EVENTS_LATE_MS, () => {
      const after = this.topics.get(topic)?.holder.after()
      if (after !== undefined && after < seq) this.resume(topic)
    })
  }

  /** The device says that there is no network. It may be wrong, so trying goes on. */
  sleep(): void {
    if (!this.wanted) return
    this.failures = Math.max(this.failures, 2)
    this.drop()
    this.retry()
    this.tell()
  }

  command(sending: Sending): void {
    const pending = { ...sending, id: this.nextId++, saidAt: 0 }
    this.pending.set(pending.id, pending)
    if (this.open) this.sendCommand(pending)
  }

  private connect(): void {
    this.cancelRetry?.()
    this.cancelRetry = undefined
    const mine: { socket?: Socket } = {}
    const isMine = () => this.socket !== undefined && this.socket === mine.socket
    mine.socket = this.socket = this.world.connect({
      open: () => isMine() && this.opened(),
      message: (text) => isMine() && this.hear(text),
      close: (code) => isMine() && this.closed(code),
    })
    this.heard = this.world.now()
    this.pulse()
    this.tell()
  }

  private opened(): void {
    this.open = true
    this.heard = this.world.now()
    for (const topic of this.topics.keys()) this.subscribe(topic)
    for (const pending of this.pending.values()) this.sendCommand(pending)
    this.tell()
  }

  private closed(code: number): void {
    this.drop()
    if (!this.wanted) return
    if (code === CLOSE.unauthenticated || code === CLOSE.ended) this.onLoggedOut()
    if (code === CLOSE.tooFast || code === CLOSE.forbidden) this.failures = Math.max(this.failures, 4)
    this.retry()
    this.tell()
  }

  private retry(): void {
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.failures)
    this.failures += 1
    this.cancelRetry = this.world.later(longest * (0.5 + this.world.random() / 2), () => this.connect())
  }

  private drop(): void {
    this.cancelRetry?.()
    this.cancelPulse?.()
    this.cancelFlush?.()
    this.cancelFlush = undefined
    this.unsaid = []
    this.allowed = BURST
    const socket = this.socket
    this.socket = undefined
    this.open = false
    for (const subscription of this.topics.values()) subscription.asked = undefined
    socket?.close()
  }

  /** A phone that changed its network is told nothing: silence is a lost connection. */
  private pulse(): void {
    this.cancelPulse?.()
    this.cancelPulse = this.world.later(PULSE_MS, () => {
      const silent = this.world.now() - this.heard
      if (silent >= SILENT_MS) return this.closed(1006)
      if (this.open && silent >= PING_AFTER_MS) this.say({ type: 'ping', id: this.nextId++ })
      if (this.open && this.unsaid.length === 0) this.remind()
      this.pulse()
    })
  }

  /** What has no answer by now was lost on the way, there or back. To ask twice does no harm. */
  private remind(): void {
    const late = this.world.now() - ANSWER_LATE_MS
    for (const [topic, { asked, askedAt }] of this.topics)
      if (asked !== undefined && askedAt <= late) this.subscribe(topic)
    for (const pending of this.pending.values()) if (pending.saidAt <= late) this.sendCommand(pending)
  }

  private subscribe(topic: string): void {
    const subscription = this.topics.get(topic)
    if (subscription === undefined) return
    const id = this.nextId++
    subscription.asked = id
    subscription.askedAt = this.world.now()
    const after = subscription.holder.after()
    this.say({ type: 'subscribe', id, topic, ...(after === undefined ? {} : { after }) })
  }

  private sendCommand(pending: Pending): void {
    const { id, run, commandId, command } = pending
    pending.saidAt = this.world.now()
    this.say({ type: 'command', id, run, command_id: commandId, command })
  }

  private say(frame: object): void {
    this.unsaid.push(JSON.stringify(frame))
    this.flush()
  }

  private flush(): void {
    for (; this.allowed > 0 && this.unsaid.length > 0; this.allowed--) this.socket?.send(this.unsaid.shift() as string)
    this.cancelFlush ??= this.world.later(NEXT_BURST_MS, () => {
      this.cancelFlush = undefined
      this.allowed = BURST
      if (this.unsaid.length > 0) this.flush()
    })
  }

  private hear(text: string): void {
    this.heard = this.world.now()
    const frame = JSON.parse(text) as ServerFrame
    switch (frame.type) {
      case 'welcome':
        this.user = frame.user
        break
      case 'subscribed':
        this.subscribed(frame)
        break
      case 'events':
        this.topics.get(frame.topic)?.holder.events(frame.events)
        break
      case 'presence':
        this.topics.get(frame.topic)?.holder.presence?.(frame.viewers)
        break
      case 'message':
        this.topics.get(frame.topic)?.holder.message?.(frame.message)
        break
      case 'committed':
        this.settle(frame.id, { kind: 'committed', seq: frame.seq })
        break
      case 'rejected':
        this.rejected(frame)
        break
      case 'unknown':
        this.askAgain(frame)
        break
      case 'reset':
        this.reset(frame.topic)
        break
      case 'revoked':
        this.end(frame.topic, frame.reason)
        break
    }
    this.tell()
  }

  /** An answer to anything but the last question is old news. */
  private subscribed(frame: FrameSubscribed): void {
    const subscription = this.topics.get(frame.topic)
    if (subscription === undefined || subscription.asked !== frame.id) return
    subscription.asked = undefined
    this.failures = 0
    subscription.holder.subscribed(frame)
  }

  private reset(topic: string): void {
    this.topics.get(topic)?.holder.reset()
    this.subscribe(topic)
  }

  private rejected(frame: FrameRejected): void {
    const { id, code, detail } = frame
    for (const [topic, subscription] of this.topics) {
      if (subscription.asked !== id) continue
      this.end(topic, code)
      return
    }
    this.settle(id, { kind: 'rejected', code, detail, facts: frame as unknown as Record<string, unknown> })
  }

  private settle(id: number, outcome: Outcome): void {
    const pending = this.pending.get(id)
    if (pending === undefined) return
    this.pending.delete(id)
    pending.settle(outcome)
  }

  private askAgain({ id, retry_after_ms }: FrameUnknown): void {
    const socket = this.socket
    for (const [topic, subscription] of this.topics) {
      if (subscription.asked !== id) continue
      this.world.later(retry_after_ms, () => this.socket === socket && this.open && this.subscribe(topic))
      return
    }
    this.world.later(retry_after_ms, () => {
      const pending = this.pending.get(id)
      if (pending !== undefined && this.socket === socket && this.open) this.sendCommand(pending)
    })
  }

  private end(topic: string, reason: string): void {
    const subscription = this.topics.get(topic)
    this.topics.delete(topic)
    subscription?.holder.ended(reason)
  }

  private tell(): void {
    const status = this.judge()
    if (status === this.status) return
    this.status = status
    this.onStatus(status)
  }

  private judge(): Status {
    if (!this.open) return this.failures > 1 ? 'offline' : 'catching_up'
    return [...this.topics.values()].some((s) => s.asked !== undefined) ? 'catching_up' : 'live'
  }
}
