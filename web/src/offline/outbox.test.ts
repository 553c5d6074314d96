import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Outcome, Sending } from '../live/connection'
import { Outbox, type Shelf } from './outbox'
import { type Act, type commandOf, decided, type Entry, type Recorded, sendable, tapped } from './purchases'

const USER = 'user'
const RUN = 'run'

/** Survives the tab. */
class MemoryShelf implements Shelf {
  entries: Entry[] = []
  /** The tab that wrote last is gone: its callbacks must not change anything any more. */
  async change(step: (entries: Entry[]) => Entry[]): Promise<Entry[]> {
    this.entries = structuredClone(step(this.entries))
    return structuredClone(this.entries)
  }
}

interface Line extends Recorded {
  parts: { quantity: string; total: number; payer_id: string }[]
}

/** Records purchases as the server does: each command id once, nothing over what the sender has not seen. */
class Till {
  readonly lines = new Map<string, Line>()
  readonly answers = new Map<string, Outcome>()
  /** Command ids in the order in which they took effect. */
  readonly effects: string[] = []
  private seq = 100

  line(product: string): Line {
    return this.lines.get(product) ?? { bought: '0', total: 0, parts: [], changed: 100 }
  }

  take(commandId: string, command: ReturnType<typeof commandOf>, by = USER): Outcome {
    const known = this.answers.get(commandId)
    if (known !== undefined) return known
    const outcome = this.judge(commandId, command, by)
    this.answers.set(commandId, outcome)
    return outcome
  }

  private judge(commandId: string, command: ReturnType<typeof commandOf>, by: string): Outcome {
    if (!('product_id' in command) || !('expected_seq' in command)) throw new Error('no purchase')
    const product = String(command.product_id)
    const now = this.line(product)
    const no = (code: string): Outcome => ({ kind: 'rejected', code, detail: code, facts: { current: now } })
    if (now.changed > Number(command.expected_seq)) return no('EXPECTED_SEQ_CONFLICT')
    if (command.type === 'undo_purchase' && now.parts.length === 0) return no('NOT_BOUGHT')
    const parts = command.type === 'add_purchase' ? [...now.parts] : []
    if (command.type === 'record_purchase' || command.type === 'add_purchase') {
      parts.push({ quantity: String(command.quantity), total: Number(command.total), payer_id: by })
    }
    const changed = ++this.seq
    const bought = String(parts.reduce((sum, part) => sum + Number(part.quantity), 0))
    this.lines.set(product, { parts, bought, total: parts.reduce((sum, part) => sum + part.total, 0), changed })
    this.effects.push(commandId)
    return { kind: 'committed', seq: changed }
  }
}

const rest = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

const record = (quantity: string, total = 100): Act => ({ kind: 'record', quantity, total })
const tap = (act: Act, more: { changed?: number; isBought?: boolean; product?: string } = {}) => ({
  user: USER,
  run: RUN,
  product: 'rice',
  changed: 100,
  isBought: false,
  act,
  ...more,
})

describe('ticking in the store', () => {
  test('a tick changed before it was sent is one command', () => {
    const first = tapped([], { ...tap(record('1')), commandId: 'a' })
    const second = tapped(first, { ...tap(record('2')), commandId: 'b' })

    expect(second.map((entry) => entry.commandId)).toEqual(['b'])
  })

  test('a tick taken back before it was sent never happened', () => {
    const first = tapped([], { ...tap(record('1')), commandId: 'a' })

    expect(tapped(first, { ...tap({ kind: 'undo' }), commandId: 'b' })).toEqual([])
  })

  test('what was sent is not changed; the next one waits and builds on it', async () => {
    const asked: Sending[] = []
    let id = 0
    const outbox = new Outbox(
      new MemoryShelf(),
      (sending) => asked.push(sending),
      () => `c${id++}`,
    )
    await outbox.tap(tap(record('1')))
    await outbox.tap(tap(record('2')))

    expect(asked.map((sending) => sending.commandId)).toEqual(['c0'])
    asked[0]?.settle({ kind: 'committed', seq: 107 })
    await rest()

    expect(asked[1]?.command).toMatchObject({ type: 'record_purchase', quantity: '2', expected_seq: 107 })
  })

  test('a conflict keeps both values until the person decides', async () => {
    const till = new Till()
    let id = 0
    const outbox = new Outbox(
      new MemoryShelf(),
      ({ commandId, command, settle }) => settle(till.take(commandId, command as ReturnType<typeof commandOf>)),
      () => `c${id++}`,
    )
    till.take(
      'other',
      { type: 'record_purchase', product_id: 'rice', quantity: '3', total: 330, expected_seq: 100 },
      'ana',
    )
    await outbox.tap(tap(record('5', 500)))
    await rest()

    const [conflict] = outbox.entries
    expect(conflict).toMatchObject({ act: record('5', 500), refused: { current: { bought: '3', total: 330 } } })
    await outbox.decide(conflict?.commandId ?? '', 'both')
    await rest()

    expect(till.line('rice')).toMatchObject({ bought: '8', total: 830 })
    outbox.seen(RUN, 'rice', till.line('rice').changed)
    await rest()
    expect(outbox.entries).toEqual([])
  })

  test('leaving it to the other changes nothing', () => {
    const refused = { code: 'EXPECTED_SEQ_CONFLICT', detail: '', current: { bought: '3', total: 330, changed: 105 } }
    const entry: Entry = { ...tap(record('5')), commandId: 'a', order: 1, expected: 100, sent: true, refused }

    expect(decided([entry], 'a', 'theirs', 'b')).toEqual([])
    expect(sendable([entry])).toEqual([])
    expect(decided([entry], 'a', 'mine', 'b')).toMatchObject([{ commandId: 'b', expected: 105, sent: false }])
  })
})

type Step =
  | { kind: 'tick'; product: number; quantity: number }
  | { kind: 'untick'; product: number }
  | { kind: 'other'; product: number; quantity: number }
  | { kind: 'arrive' | 'lose' | 'answer'; which: number }
  | { kind: 'close' | 'reception' | 'look' }
  | { kind: 'decide'; choice: 'theirs' | 'mine' | 'both' }

const product = fc.nat(2)
const which = fc.nat(9)
const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('tick' as const), product, quantity: fc.integer({ min: 1, max: 9 }) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('untick' as const), product }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('other' as const), product, quantity: fc.integer({ min: 1, max: 9 }) }),
    },
    {
      weight: 8,
      arbitrary: fc.record({ kind: fc.constantFrom('arrive' as const, 'answer' as const, 'lose' as const), which }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom('close' as const, 'reception' as const, 'look' as const) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('decide' as const),
        choice: fc.constantFrom('theirs' as const, 'mine' as const, 'both' as const),
      }),
    },
  ),
  { maxLength: 40 },
) as fc.Arbitrary<Step[]>

/** One phone in a store: a shelf that stays, tabs that come and go, a network that loses what it likes. */
class Phone {
  readonly shelf = new MemoryShelf()
  readonly till = new Till()
  /** What the person saw the server say of each item. */
  private readonly seen = new Map<string, Line>()
  private going: Sending[] = []
  private coming: { sending: Sending; outcome: Outcome; tab: number }[] = []
  private tab = 0
  private ids = 0
  outbox = this.open()
  /** What the person meant last, of each item; gone when they leave it to somebody else. */
  readonly meant = new Map<string, Act>()

  private open(): Outbox {
    const mine = ++this.tab
    const send = (sending: Sending) => {
      if (mine === this.tab) this.going.push(sending)
    }
    return new Outbox(this.shelf, send, () => `c${this.ids++}`)
  }

  async tap(name: string, act: Act): Promise<void> {
    if (this.outbox.entries.some((entry) => entry.product === name && entry.refused)) return
    const line = this.seen.get(name) ?? { bought: '0', total: 0, parts: [], changed: 100 }
    const isBought = line.parts.length > 0
    this.meant.set(name, act)
    await this.outbox.tap({ user: USER, run: RUN, product: name, act, changed: line.changed, isBought })
  }

  async look(): Promise<void> {
    for (const [name, line] of this.till.lines) {
      this.seen.set(name, line)
      this.outbox.seen(RUN, name, line.changed)
    }
    await rest()
  }

  arrive(index: number): void {
    const sending = this.going[index % Math.max(1, this.going.length)]
    if (sending === undefined) return
    const outcome = this.till.take(sending.commandId, sending.command as ReturnType<typeof commandOf>)
    this.coming.push({ sending, outcome, tab: this.tab })
  }

  lose(index: number): void {
    this.coming.splice(index % Math.max(1, this.coming.length), 1)
  }

  async answer(index: number): Promise<void> {
    const [came] = this.coming.splice(index % Math.max(1, this.coming.length), 1)
    if (came === undefined || came.tab !== this.tab) return
    this.going = this.going.filter((sending) => sending.commandId !== came.sending.commandId)
    came.sending.settle(came.outcome)
    await rest()
  }

  /** The tab is closed and opened again: what was in its memory is gone. */
  async close(): Promise<void> {
    this.going = []
    this.outbox = this.open()
    await this.outbox.start()
  }

  async reception(): Promise<void> {
    for (let round = 0; round < 50 && (this.going.length > 0 || this.coming.length > 0); round++) {
      if (this.going.length > 0) this.arrive(0)
      await this.answer(0)
    }
  }

  async decide(choice: 'theirs' | 'mine' | 'both'): Promise<void> {
    const conflict = this.outbox.entries.find((entry) => entry.refused)
    if (conflict === undefined) return
    if (choice === 'theirs') this.meant.delete(conflict.product)
    await this.outbox.decide(conflict.commandId, choice)
  }
}

async function take(phone: Phone, step: Step): Promise<void> {
  if (step.kind === 'tick') await phone.tap(`p${step.product}`, record(String(step.quantity), 10 * step.quantity))
  if (step.kind === 'untick') await phone.tap(`p${step.product}`, { kind: 'undo' })
  if (step.kind === 'other') {
    const { changed } = phone.till.line(`p${step.product}`)
    const command = {
      type: 'record_purchase',
      product_id: `p${step.product}`,
      quantity: String(step.quantity),
      total: 1,
      expected_seq: changed,
    } as const
    phone.till.take(`other ${changed}`, command, 'ana')
  }
  if (step.kind === 'arrive') phone.arrive(step.which)
  if (step.kind === 'lose') phone.lose(step.which)
  if (step.kind === 'answer') await phone.answer(step.which)
  if (step.kind === 'close') await phone.close()
  if (step.kind === 'reception') await phone.reception()
  if (step.kind === 'look') await phone.look()
  if (step.kind === 'decide') await phone.decide(step.choice)
}

test('ten thousand shopping trips: every tick takes effect once, nothing is lost, no conflict passes unseen', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (chosen) => {
      const phone = new Phone()
      for (const step of chosen) await take(phone, step)

      for (let round = 0; round < 9; round++) {
        await phone.close()
        await phone.reception()
        await phone.decide('mine')
        await phone.reception()
        await phone.look()
      }

      expect(phone.shelf.entries).toEqual([])
      expect(new Set(phone.till.effects).size).toBe(phone.till.effects.length)
      for (const [name, act] of phone.meant) {
        const line = phone.till.line(name)
        const mine = line.parts.filter((part) => part.payer_id === USER).at(-1)
        const byOthers = line.parts.some((part) => part.payer_id === 'ana')
        if (act.kind === 'undo') expect(line.parts.every((part) => part.payer_id === 'ana')).toBe(true)
        else if (!byOthers) expect(mine).toMatchObject({ quantity: act.quantity, total: act.total })
      }
    }),
    { numRuns: 10_000 },
  )
}, 600_000)
