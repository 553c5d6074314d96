/**
 * One run as it is shown: the server's view with events folded in, and what this person did a moment ago laid over it.
 *
 * The view holds only what the server said. Commands that are under way are laid over it when it is read, so that a
 * rejected one leaves no trace and other people's bids in between stay. Each product keeps its object while it is unchanged.
 */

import type {
  Command,
  EventEnvelope,
  FrameSubscribed,
  ProductView,
  RunMessage,
  RunView,
  Viewer,
} from '../api/gen/types.gen'
import type { Holder, LiveConnection, Outcome } from './connection'
import { fold } from './fold'
import { overlayProduct, overlayRun } from './overlay'

export interface UnderWay {
  commandId: string
  command: Command
  /** Where the server said it stands; it leaves when the view has come that far. */
  seq: number | undefined
}

export interface Shown {
  view: RunView
  /** Commands without their event yet. */
  underWay: readonly UnderWay[]
  /** Who has the run open. */
  viewers: readonly string[]
}

/** Why a run is no longer shown: the server's code, such as `removed_from_group`. */
export interface Ended {
  reason: string
}

/** Role × state → commands, as the server has them. */
export type Guards = Record<string, Record<string, Viewer['may']>>

const HELD_EVENTS = 256
const RECENT = 30

export class RunStore implements Holder {
  readonly id: string
  readonly topic: string
  shown: Shown | undefined
  gone: Ended | undefined
  /** The last things that happened while it was open, newest first. */
  news: readonly EventEnvelope[] = []
  /** What was said since the messages were last looked at. */
  unheard = 0
  /** Told of every message as it comes; undefined after a time away, when some may have been missed. */
  onMessage: (message: RunMessage | undefined) => void = () => {}
  /** Told of every event as it is folded in. */
  onEvent: (event: EventEnvelope) => void = () => {}

  private readonly connection: LiveConnection
  private readonly me: string
  private readonly guards: () => Guards | undefined
  private readonly newId: () => string
  private readonly listeners = new Set<() => void>()
  /** Seen before what comes before them: a resubscription is under way, and a snapshot may be older than they are. */
  private readonly early = new Map<number, EventEnvelope>()
  private view: RunView | undefined
  private stale = false
  /** The view is the server's of this moment: a snapshot of the same seq would paint everything once more for nothing. */
  private isFresh = false
  private wasHere = false
  private underWay: UnderWay[] = []
  private viewers: readonly string[] = []
  private readonly laidOver = new Map<string, { base: ProductView; with: readonly UnderWay[]; result: ProductView }>()

  constructor(
    id: string,
    me: string,
    connection: LiveConnection,
    guards: () => Guards | undefined,
    newId: () => string,
  ) {
    this.id = id
    this.topic = `run:${id}`
    this.me = me
    this.connection = connection
    this.guards = guards
    this.newId = newId
  }

  /** Something to show before the connection has answered: what was kept from the last time, or asked for just now. */
  remember(view: RunView, wasAskedForNow = false): void {
    if (this.stale || (this.view !== undefined && this.view.seq >= view.seq)) return
    this.view = view
    this.isFresh = wasAskedForNow
    this.changed()
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** What the server said, with nothing laid over it. */
  get confirmed(): RunView | undefined {
    return this.view
  }

  nameOf(user: string): string {
    return this.view?.participants.find((p) => p.user_id === user)?.name ?? '?'
  }

  after(): number | undefined {
    return this.stale ? undefined : this.view?.seq
  }

  /** The old view stays on the screen until the new one comes, but nothing is folded into it any more. */
  reset(): void {
    this.stale = true
    this.early.clear()
  }

  subscribed({ snapshot, events }: FrameSubscribed): void {
    if (snapshot && this.isNewer(snapshot as RunView)) this.view = snapshot as RunView
    this.stale = false
    this.isFresh = false
    this.gone = undefined
    if (this.wasHere) this.onMessage(undefined)
    this.wasHere = true
    this.take(events ?? [])
    this.changed()
  }

  events(events: EventEnvelope[]): void {
    this.take(events)
    this.changed()
  }

  presence(viewers: string[]): void {
    if (same(viewers, this.viewers)) return
    this.viewers = viewers
    this.changed()
  }

  message(message: RunMessage): void {
    this.onMessage(message)
    if (message.author_id === this.me) return
    this.unheard += 1
    this.changed()
  }

  /** Somebody looks at the messages. */
  heard(): void {
    if (this.unheard === 0) return
    this.unheard = 0
    this.changed()
  }

  ended(reason: string): void {
    this.gone = { reason }
    for (const listener of this.listeners) listener()
  }

  /** Asks for it, and shows it as if it had happened. */
  ask(command: Command, commandId = this.newId()): Promise<Outcome> {
    const entry: UnderWay = { commandId, command, seq: undefined }
    this.underWay = [...this.underWay, entry]
    this.changed()
    return new Promise((resolve) => {
      const settle = (outcome: Outcome) => {
        this.answered(commandId, outcome)
        resolve(outcome)
      }
      this.connection.command({ run: this.id, commandId, command, settle })
    })
  }

  private isNewer(snapshot: RunView): boolean {
    if (this.stale || this.view === undefined) return true
    return this.isFresh ? snapshot.seq > this.view.seq : snapshot.seq >= this.view.seq
  }

  private answered(commandId: string, outcome: Outcome): void {
    if (outcome.kind === 'committed') this.connection.expect(this.topic, outcome.seq)
    // It stays until the view has come that far.
    this.underWay =
      outcome.kind === 'committed'
        ? this.underWay.map((u) => (u.commandId === commandId ? { ...u, seq: outcome.seq } : u))
        : this.underWay.filter((u) => u.commandId !== commandId)
    this.changed()
  }

  /** Each seq once and in order. What is early waits; a gap asks for what is missing. */
  private take(events: EventEnvelope[]): void {
    for (const event of events) if (this.stale || event.seq > (this.view?.seq ?? -1)) this.early.set(event.seq, event)
    if (this.stale) return
    for (let next = this.next(); next !== undefined; next = this.next()) this.apply(next)
    const seq = this.view?.seq ?? -1
    for (const at of this.early.keys()) if (at <= seq || this.early.size > HELD_EVENTS) this.early.delete(at)
    if (this.early.size > 0) this.connection.resume(this.topic)
  }

  private next(): EventEnvelope | undefined {
    return this.view && this.early.get(this.view.seq + 1)
  }

  private apply(event: EventEnvelope): void {
    if (this.view === undefined) return
    const before = this.view
    this.early.delete(event.seq)
    this.view = this.judged(before, fold(before, event))
    this.news = [event, ...this.news].slice(0, RECENT)
    if (event.command_id) this.underWay = this.underWay.filter((u) => u.commandId !== event.command_id)
    this.onEvent(event)
  }

  /** Events are the same for everybody; what I may do stands in the guard table when my role or the state changes. */
  private judged(before: RunView, now: RunView): RunView {
    const role = now.participants.find((p) => p.user_id === this.me)?.role ?? now.viewer?.role ?? 'member'
    if (now.viewer == null || (role === now.viewer.role && now.state === before.state)) return now
    const may = this.guards()?.[now.state]?.[role]
    return may === undefined ? now : { ...now, viewer: { role, may } }
  }

  private changed(): void {
    const { view } = this
    if (view !== undefined) {
      this.underWay = this.underWay.filter((u) => u.seq === undefined || u.seq > view.seq)
      this.shown = { view: this.withOverlay(view), underWay: this.underWay, viewers: this.viewers }
    }
    for (const listener of this.listeners) listener()
  }

  private withOverlay(view: RunView): RunView {
    if (this.underWay.length === 0) {
      this.laidOver.clear()
      return view
    }
    const products = view.products.map((product) => this.product(product))
    return overlayRun(same(products, view.products) ? view : { ...view, products }, this.underWay, this.me)
  }

  /** Laid over once per change, so that a card whose command waits is not painted for other people's bids. */
  private product(base: ProductView): ProductView {
    const mine = this.underWay.filter(({ command }) => concerns(command, base.product_id))
    if (mine.length === 0) return base
    const known = this.laidOver.get(base.product_id)
    if (known?.base === base && same(known.with, mine)) return known.result
    const result = mine.reduce((product, { command }) => overlayProduct(product, command, this.me), base)
    this.laidOver.set(base.product_id, { base, with: mine, result })
    return result
  }
}

/** Pick-ups without a product are of everything. */
function concerns(command: Command, product: string): boolean {
  if ('product_id' in command && command.product_id != null) return command.product_id === product
  return command.type === 'pick_up' || command.type === 'undo_pick_up' || command.type === 'left_with_leader'
}

function same(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i])
}
