/** Numbers, money, quantities and times in the person's locale. Quantities are integer thousandths inside, as on the server. */

import type { Unit } from '../api/gen/types.gen'
import { type Key, locale, t } from '.'

const THOUSAND = 1000
const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat | Intl.ListFormat>()

function cached<F extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat | Intl.ListFormat>(
  key: string,
  make: () => F,
): F {
  const full = `${locale()} ${key}`
  const known = cache.get(full)
  if (known !== undefined) return known as F
  const made = make()
  cache.set(full, made)
  return made
}

/** `"1.25"` → `1250`. */
export function milli(quantity: string): number {
  return Math.round(Number(quantity) * THOUSAND)
}

/** `1250` → `"1.25"`, as the wire has it. */
export function wire(thousandths: number): string {
  return String(thousandths / THOUSAND)
}

const currencyFormat = (currency: string, whole: boolean) =>
  cached(`money ${currency} ${whole}`, () => {
    const options = { style: 'currency', currency, currencyDisplay: 'narrowSymbol' } as const
    return new Intl.NumberFormat(locale(), whole ? { ...options, maximumFractionDigits: 0 } : options)
  })

/** How many minor units a unit of the currency has: 2 for EUR, 0 for JPY. */
export function digitsOf(currency: string): number {
  return currencyFormat(currency, false).resolvedOptions().maximumFractionDigits ?? 2
}

/** Minor units → `€12.99`. */
export function money(minor: number, currency: string): string {
  return currencyFormat(currency, false).format(minor / 10 ** digitsOf(currency))
}

/** A typed amount, with a point or a comma → minor units, or undefined. */
export function parseMoney(text: string, currency: string): number | undefined {
  const value = parseDecimal(text)
  return value === undefined ? undefined : Math.round(value * 10 ** digitsOf(currency))
}

/** Minor units → what stands in an input. */
export function moneyInput(minor: number, currency: string): string {
  const digits = digitsOf(currency)
  return cached(
    `plain ${digits}`,
    () =>
      new Intl.NumberFormat(locale(), {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
        useGrouping: false,
      }),
  ).format(minor / 10 ** digits)
}

/** Thousandths → `1.25`, without a unit. */
export function amount(thousandths: number): string {
  const format = cached('amount', () => new Intl.NumberFormat(locale(), { maximumFractionDigits: 3 }))
  return format.format(thousandths / THOUSAND)
}

/** Thousandths → what stands in an input. */
export function amountInput(thousandths: number): string {
  const format = cached(
    'amount input',
    () => new Intl.NumberFormat(locale(), { maximumFractionDigits: 3, useGrouping: false }),
  )
  return format.format(thousandths / THOUSAND)
}

/** A typed quantity, with a point or a comma → thousandths, or undefined. */
export function parseAmount(text: string): number | undefined {
  const value = parseDecimal(text)
  return value === undefined ? undefined : Math.round(value * THOUSAND)
}

function parseDecimal(text: string): number | undefined {
  const plain = text.replace(/[\s\u00a0\u202f]/g, '').replace(',', '.')
  return /^\d{1,9}(\.\d*)?$/.test(plain) ? Number(plain) : undefined
}

/** `1.4 MB`. */
export function bytes(size: number): string {
  const [name, length] = size < 1_000_000 ? (['kilobyte', 1000] as const) : (['megabyte', 1_000_000] as const)
  const options = { style: 'unit', unit: name, maximumFractionDigits: 1 } as const
  return cached(`bytes ${name}`, () => new Intl.NumberFormat(locale(), options)).format(size / length)
}

export function unit(of: Unit, thousandths = THOUSAND): string {
  return t(`unit.${of}` satisfies Key, { n: thousandths / THOUSAND })
}

/** Thousandths → `1.25 kg`. */
export function quantity(thousandths: number, of: Unit): string {
  return `${amount(thousandths)}\u00a0${unit(of, thousandths)}`
}

export function day(iso: string): string {
  return cached(
    'day',
    () => new Intl.DateTimeFormat(locale(), { day: 'numeric', month: 'short', year: 'numeric' }),
  ).format(new Date(iso))
}

export function moment(iso: string): string {
  const options = { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const
  return cached('moment', () => new Intl.DateTimeFormat(locale(), options)).format(new Date(iso))
}

export function time(iso: string): string {
  return cached('time', () => new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit' })).format(
    new Date(iso),
  )
}

const SPANS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]

/** `in 3 hours`, `2 days ago`. */
export function fromNow(iso: string, now = Date.now()): string {
  const ms = new Date(iso).getTime() - now
  const format = cached('relative', () => new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' }))
  // Within a minute it is "now", in every language. What is no time at all stays an error.
  const [span, length] = SPANS.find(([, long]) => Math.abs(ms) >= long) ?? (['second', Infinity] as const)
  return format.format(Math.trunc(ms / length) + 0, span)
}

/** `Ana, Mira and Tomás`. */
export function list(names: string[]): string {
  return cached('list', () => new Intl.ListFormat(locale(), { type: 'conjunction' })).format(names)
}
