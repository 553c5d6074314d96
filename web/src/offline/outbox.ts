/**
 * Keeps purchases on the device until the server has said what became of them. The database is the truth: an entry is
 * written before it is sent, so a closed tab loses nothing, and its command id makes the server take it once.
 */

import type { Sending } from '../live/connection'
import {
  answered,
  type Choice,
  commandOf,
  decided,
  type Entry,
  seen,
  sendable,
  sent,
  type Tap,
  tapped,
} from './purchases'

/** Entries of one person, changed as a whole: nothing comes between reading and writing. */
export interface Shelf {
  change(step: (entries: Entry[]) => Entry[]): Promise<Entry[]>
}

export class Outbox {
  entries: readonly Entry[] = []
  private readonly shelf: Shelf
  private readonly send: (sending: Sending) => void
  private readonly newId: () => string
  private readonly listeners = new Set<() => void>()
  /** Handed to the connection, which asks again by itself. */
  private readonly handedOver = new Set<string>()

  constructor(shelf: Shelf, send: (sending: Sending) => void, newId: () => string) {
    this.shelf = shelf
    this.send = send
    this.newId = newId
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** At the start, and when another tab has changed the shelf: whatever waits is sent. */
  start(): Promise<void> {
    return this.change((entries) => entries)
  }

  /** The view has come so far with this item. */
  seen(run: string, product: string, changed: number): void {
    const isNews = this.entries.some(
      (entry) =>
        entry.run === run && entry.product === product && entry.committed !== undefined && entry.committed <= changed,
    )
    if (isNews) void this.change((entries) => seen(entries, run, product, changed))
  }

  tap(tap: Omit<Tap, 'commandId'>): Promise<void> {
    return this.change((entries) => tapped(entries, { ...tap, commandId: this.newId() }))
  }

  decide(commandId: string, choice: Choice): Promise<void> {
    return this.change((entries) => decided(entries, commandId, choice, this.newId()))
  }

  private async change(step: (entries: Entry[]) => Entry[]): Promise<void> {
    this.show(await this.shelf.change(step))
    await Promise.all(sendable([...this.entries]).map((entry) => this.handOver(entry.commandId)))
  }

  private async handOver(commandId: string): Promise<void> {
    if (this.handedOver.has(commandId)) return
    this.handedOver.add(commandId)
    const entries = await this.shelf.change((now) => sent(now, commandId))
    this.show(entries)
    const entry = entries.find((known) => known.commandId === commandId)
    if (entry === undefined) return
    const settle: Sending['settle'] = (outcome) => void this.change((now) => answered(now, commandId, outcome))
    this.send({ run: entry.run, commandId, command: commandOf(entry), settle })
  }

  private show(entries: readonly Entry[]): void {
    this.entries = entries
    for (const listener of this.listeners) listener()
  }
}
