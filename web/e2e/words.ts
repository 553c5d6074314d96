/** What the app says, in each of its languages: tests look for the same thing whoever reads the page. */

import type { Key, Language, Text, Values } from '../src/i18n'
import { en } from '../src/i18n/locales/en/index'
import { later as enLater } from '../src/i18n/locales/en/later'
import { ru } from '../src/i18n/locales/ru/index'
import { later as ruLater } from '../src/i18n/locales/ru/later'
import { sr } from '../src/i18n/locales/sr/index'
import { later as srLater } from '../src/i18n/locales/sr/later'

export const LOCALES: Record<Language, string> = { en: 'en-GB', ru: 'ru-RU', sr: 'sr-Latn-RS' }
const TEXTS: Record<Language, Record<string, Text>> = {
  en: { ...en, ...enLater },
  ru: { ...ru, ...ruLater },
  sr: { ...sr, ...srLater },
}

export type Say = (key: Key, values?: Values) => string

/** The text under `key`, as `t` of the app writes it. */
export function saying(language: Language): Say {
  const texts = TEXTS[language]
  const plural = new Intl.PluralRules(LOCALES[language])
  const number = new Intl.NumberFormat(LOCALES[language])
  return (key, values = {}) => {
    const text = texts[key] ?? key
    const form = typeof text === 'string' ? text : (text[plural.select(Number(values.n ?? 0))] ?? text.other)
    return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name]
      return typeof value === 'number' ? number.format(value) : (value ?? whole)
    })
  }
}

/** A text with whatever may stand in its gaps. */
export function about(said: string): RegExp {
  const parts = said.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}`)
}

export const languageOf = (locale: string | undefined): Language => {
  const found = Object.entries(LOCALES).find(([, each]) => each === locale)
  return (found?.[0] ?? 'en') as Language
}
