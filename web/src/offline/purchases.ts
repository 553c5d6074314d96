/**
 * What was ticked in the store and is not yet known to be recorded. Pure: lists in, lists out; `outbox.ts` keeps them.
 *
 * Each entry is one command with one id. Once it was sent, it is never changed, because the server may have taken it; what
 * is tapped after that becomes an entry of its own, which waits and then builds on where the first one came to.
 */

import type { Command, Picked, PurchasePart } from '../api/gen/types.gen'
import type { Outcome } from '../live/connection'

/** `picked`: which of the family it is, where people wanted any of it. */
interface Bought {
  kind: 'record' | 'add'
  quantity: string
  total: number
  payer?: string
  picked?: Picked
}

export type Act = Bought | { kind: 'undo' }

/** What the server has of an item. */
export interface Recorded {
  bought: string
  total: number
  parts?: PurchasePart[]
  changed: number
}

export interface Refusal {
  code: string
  detail: string
  /** What somebody else recorded, if that is why. */
  current?: Recorded
}

export interface Entry {
  commandId: string
  user: string
  run: string
  product: string
  /** Order of tapping. */
  order: number
  act: Act
  /** The item's `changed` that the person saw; undefined while it builds on the entry before. */
  expected: number | undefined
  /** It may have reached the server. */
  sent: boolean
  refused?: Refusal
  /** Recorded at this seq; stays until the run's view has come that far, so that nothing flickers or is forgotten between. */
  committed?: number
}

export interface Tap {
  commandId: string
  user: string
  run: string
  product: string
  act: Act
  /** The item as it stands on the server, as far as we know: its `changed`, and whether something is bought. */
  changed: number
  isBought: boolean
}

const CONFLICTS = new Set(['EXPECTED_SEQ_CONFLICT', 'ALREADY_BOUGHT', 'NOT_BOUGHT'])

const sameItem = (a: { run: string; product: string }) => (b: Entry) => a.run === b.run && a.product === b.product

/** A tap. It replaces what was not sent yet; a tick taken back before it was sent never happened. */
export function tapped(entries: Entry[], tap: Tap): Entry[] {
  const others = entries.filter((entry) => !(sameItem(tap)(entry) && !entry.sent))
  const ahead = others.filter((entry) => sameItem(tap)(entry) && isOpen(entry))
  const { changed, isBought } = lastKnown(others, tap)
  if (ahead.length === 0 && tap.act.kind === 'undo' && !isBought) return others
  const order = Math.max(0, ...entries.map((entry) => entry.order)) + 1
  const expected = ahead.length > 0 ? undefined : changed
  const { commandId, user, run, product, act } = tap
  return [...others, { commandId, user, run, product, order, act, expected, sent: false }]
}

/** Neither recorded nor refused. */
const isOpen = (entry: Entry) => entry.refused === undefined && entry.committed === undefined

/** What we recorded ourselves may be newer than what was seen. */
function lastKnown(entries: Entry[], tap: Tap): { changed: number; isBought: boolean } {
  const own = entries.find((entry) => sameItem(tap)(entry) && (entry.committed ?? 0) > tap.changed)
  if (own?.committed === undefined) return tap
  return { changed: own.committed, isBought: own.act.kind !== 'undo' }
}

/** The run's view shows this item as it was at `changed`: what was recorded until then need not be remembered here. */
export function seen(entries: Entry[], run: string, product: string, changed: number): Entry[] {
  const shown = (entry: Entry) =>
    sameItem({ run, product })(entry) && entry.committed !== undefined && entry.committed <= changed
  return entries.some(shown) ? entries.filter((entry) => !shown(entry)) : entries
}

/** What may be sent now: of each item the first, unless the person has to say something about it first. */
export function sendable(entries: Entry[]): Entry[] {
  const blocked = new Set<string>()
  const first: Entry[] = []
  for (const entry of [...entries].sort((a, b) => a.order - b.order)) {
    if (entry.committed !== undefined) continue
    const item = `${entry.run} ${entry.product}`
    if (blocked.has(item)) continue
    blocked.add(item)
    if (entry.refused === undefined && entry.expected !== undefined) first.push(entry)
  }
  return first
}

/** From now on it may be on the server. */
export function sent(entries: Entry[], commandId: string): Entry[] {
  return entries.map((entry) => (entry.commandId === commandId ? { ...entry, sent: true } : entry))
}

/** The server has said what became of it. */
export function answered(entries: Entry[], commandId: string, outcome: Outcome): Entry[] {
  const entry = entries.find((known) => known.commandId === commandId)
  if (entry === undefined) return entries
  const rest = entries.filter((known) => known !== entry)
  if (outcome.kind === 'committed') {
    const older = rest.filter((known) => !(sameItem(entry)(known) && known.committed !== undefined))
    return [...buildOn(older, entry, outcome.seq), { ...entry, committed: outcome.seq }]
  }
  const current = outcome.facts.current as Recorded | undefined
  // To take back what is not there any more is done.
  if (entry.act.kind === 'undo' && outcome.code === 'NOT_BOUGHT') return buildOn(rest, entry, current?.changed ?? 0)
  return refuse(rest, entry, {
    code: outcome.code,
    detail: outcome.detail,
    current: CONFLICTS.has(outcome.code) ? current : undefined,
  })
}

/** What was tapped afterwards stands on what has just been recorded. */
function buildOn(entries: Entry[], before: Entry, seq: number): Entry[] {
  const next = sendableAfter(entries, before)
  return entries.map((entry) => (entry === next ? { ...entry, expected: seq } : entry))
}

function sendableAfter(entries: Entry[], before: Entry): Entry | undefined {
  const later = entries.filter((entry) => sameItem(before)(entry) && isOpen(entry))
  return later.sort((a, b) => a.order - b.order)[0]
}

/** The person decides. What they meant last is what they are asked about. */
function refuse(entries: Entry[], entry: Entry, refused: Refusal): Entry[] {
  const later = entries.filter((known) => sameItem(entry)(known) && isOpen(known))
  const last = later.sort((a, b) => b.order - a.order)[0]
  const others = entries.filter((known) => !later.includes(known))
  return [...others, { ...entry, act: last?.act ?? entry.act, refused }]
}

export type Choice = 'theirs' | 'mine' | 'both'

/** What the person decided about a conflict, as a new command that builds on what they saw. */
export function decided(entries: Entry[], commandId: string, choice: Choice, newId: string): Entry[] {
  const entry = entries.find((known) => known.commandId === commandId && known.refused !== undefined)
  if (entry === undefined) return entries
  const rest = entries.filter((known) => known !== entry)
  const current = entry.refused?.current
  if (choice === 'theirs' || current === undefined) return rest
  const { act } = entry
  const again: Act = choice === 'both' && act.kind !== 'undo' ? { ...act, kind: 'add' } : act
  return [
    ...rest,
    { ...entry, commandId: newId, act: again, expected: current.changed, sent: false, refused: undefined },
  ]
}

export function commandOf({ product, act, expected }: Entry): Command {
  const on = { product_id: product, expected_seq: expected }
  if (act.kind === 'undo') return { type: 'undo_purchase', ...on }
  const { kind, quantity, total, payer, picked } = act
  const type = kind === 'add' ? 'add_purchase' : 'record_purchase'
  return { type, ...on, quantity, total, payer, picked: picked?.product_id }
}
