import { describe, expect, test } from 'vitest'
import type { Text } from '.'
import { en as enFirst } from './locales/en'
import { later as enLater } from './locales/en/later'
import { ru as ruFirst } from './locales/ru'
import { later as ruLater } from './locales/ru/later'
import { sr as srFirst } from './locales/sr'
import { later as srLater } from './locales/sr/later'

const en = { ...enFirst, ...enLater }
const ru = { ...ruFirst, ...ruLater }
const sr = { ...srFirst, ...srLater }
const locales: Record<string, Record<string, Text>> = { en, ru, sr }
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort()
const forms = (text: Text) => (typeof text === 'string' ? { other: text } : text)

describe.each(Object.keys(locales))('%s', (language) => {
  const texts = locales[language] ?? {}
  const plural = new Intl.PluralRules(language === 'sr' ? 'sr-Latn-RS' : language)

  test('says everything English says, and nothing else', () => {
    expect(Object.keys(texts).sort()).toEqual(Object.keys(en).sort())
  })

  test('has exactly the plural forms of its language, wherever English has forms', () => {
    const wanted = plural.resolvedOptions().pluralCategories.toSorted()
    for (const [key, text] of Object.entries(en as Record<string, Text>)) {
      if (typeof text === 'string') expect(typeof texts[key], key).toBe('string')
      else expect(Object.keys(texts[key] as object).sort(), key).toEqual(wanted)
    }
  })

  test('fills in what English fills in', () => {
    for (const [key, text] of Object.entries(en as Record<string, Text>)) {
      const wanted = placeholders(forms(text).other)
      for (const form of Object.values(forms(texts[key] ?? ''))) expect(placeholders(form), key).toEqual(wanted)
    }
  })

  test('leaves nothing empty', () => {
    for (const [key, text] of Object.entries(texts)) {
      for (const form of Object.values(forms(text))) expect(form.trim(), key).not.toBe('')
    }
  })
})

test('Serbian is written in Latin letters, Russian is not', () => {
  const words = (texts: Record<string, Text>) => Object.values(texts).flatMap((text) => Object.values(forms(text)))

  for (const text of words(sr)) expect(text).not.toMatch(/[А-Яа-яЁё]/)
  expect(words(ru).filter((text) => /[А-Яа-яЁё]/.test(text)).length).toBeGreaterThan(words(ru).length * 0.9)
})

test('what is said from the start is not said again later', () => {
  expect(Object.keys(enLater).filter((key) => key in enFirst)).toEqual([])
})
