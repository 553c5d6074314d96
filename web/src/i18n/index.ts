/**
 * Texts in the language of the person. English, Russian and Serbian (Latin), each a module of its own, loaded when wanted.
 *
 * `t('ready.count', { n: 3 })`: `{n}` is written as a number, and chooses the plural form where a text has forms.
 */

import type { en } from './locales/en/index'
import type { later as enLater } from './locales/en/later'

export const LANGUAGES = ['en', 'ru', 'sr'] as const
export type Language = (typeof LANGUAGES)[number]
/** `other` is always there; which more there are is the language's affair. */
export type Forms = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>
export type Text = string | Forms
export type Key = (keyof typeof en | keyof typeof enLater) & string
export type Texts = Record<Key, Text>
export type Values = Record<string, string | number>

const STORED = 'bulq.language'
const LOCALES: Record<Language, string> = { en: 'en', ru: 'ru', sr: 'sr-Latn-RS' }
/** What the first pages say, and what is said only further in: two chunks of each language. */
const loaders: Record<Language, [first: () => Promise<Partial<Texts>>, later: () => Promise<Partial<Texts>>]> = {
  en: [() => import('./locales/en/index').then((m) => m.en), () => import('./locales/en/later').then((m) => m.later)],
  ru: [() => import('./locales/ru/index').then((m) => m.ru), () => import('./locales/ru/later').then((m) => m.later)],
  sr: [() => import('./locales/sr/index').then((m) => m.sr), () => import('./locales/sr/later').then((m) => m.later)],
}

interface Chosen {
  language: Language
  locale: string
  texts: Partial<Texts>
  /** Made when wanted: the first formatter of a page takes a tenth of a second on a slow phone. */
  plural?: Intl.PluralRules
  number?: Intl.NumberFormat
}

let chosen: Chosen = choose('en', {})
/** The language asked for last; it may still be on its way. */
let asked: Language | undefined
let more: Promise<void> | undefined
const listeners = new Set<() => void>()

function choose(language: Language, texts: Partial<Texts>): Chosen {
  return { language, locale: localeOf(language), texts }
}

/** The person's own region if it speaks the language: `en-GB` writes dates unlike `en-US`. */
function localeOf(language: Language): string {
  const own = navigator.languages?.find((tag) => tag.split('-')[0] === language)
  return language === 'sr' ? LOCALES.sr : (own ?? LOCALES[language])
}

/** What was chosen here, else what the browser asks for, else English. */
export function preferred(): Language {
  const stored = localStorage.getItem(STORED)
  const wished = [stored, ...(navigator.languages ?? [])].map((tag) => tag?.split('-')[0])
  return wished.find((tag): tag is Language => LANGUAGES.includes(tag as Language)) ?? 'en'
}

export async function speak(language: Language): Promise<void> {
  asked = language
  const [first, later] = loaders[language]
  const texts = await first()
  // Asked only now: a page that needs them may have been opened meanwhile.
  const rest = more === undefined ? {} : await later()
  if (asked !== language) return
  chosen = choose(language, { ...texts, ...rest })
  document.documentElement.lang = language === 'sr' ? 'sr-Latn' : language
  for (const listener of listeners) listener()
}

/** For what is loaded lazily: its code, and the texts that are not there from the start. */
export async function withLater<Module>(code: Promise<Module>): Promise<Module> {
  more ??= learnMore().catch((error) => {
    more = undefined
    throw error
  })
  const [loaded] = await Promise.all([code, more])
  return loaded
}

/** A language that is chosen from here on brings them along by itself. */
async function learnMore(): Promise<void> {
  const language = asked ?? preferred()
  const texts = await loaders[language][1]()
  if (asked !== undefined && asked !== language) return learnMore()
  if (chosen.language === language) chosen.texts = { ...chosen.texts, ...texts }
}

/** Speaks it from now on and after the next start. */
export function choosePermanently(language: Language): Promise<void> {
  localStorage.setItem(STORED, language)
  return speak(language)
}

export function onLanguage(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const language = (): Language => chosen.language
export const locale = (): string => chosen.locale
export const knows = (key: string): key is Key => key in chosen.texts

export function t(key: Key, values: Values = {}): string {
  return fill(formOf(chosen.texts[key] ?? key, values.n), values)
}

function formOf(text: Text, n: string | number | undefined): string {
  if (typeof text === 'string') return text
  chosen.plural ??= new Intl.PluralRules(chosen.locale)
  return text[chosen.plural.select(Number(n ?? 0))] ?? text.other
}

function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name]
    if (value === undefined) return whole
    return typeof value === 'number' ? numeral(value) : value
  })
}

/** Below a thousand whole numbers are written alike in all our languages. */
function numeral(value: number): string {
  if (Number.isInteger(value) && value >= 0 && value < 1000) return String(value)
  chosen.number ??= new Intl.NumberFormat(chosen.locale)
  return chosen.number.format(value)
}
