import { beforeEach, expect, test, vi } from 'vitest'

beforeEach(() => vi.resetModules())

test('a page opened before a language is chosen speaks it', async () => {
  const { speak, t, withLater } = await import('.')
  const page = withLater(Promise.resolve('code'))

  await speak('sr')

  expect(await page).toBe('code')
  expect(t('adjust.yours')).toBe('Vaš deo')
  expect(t('nav.groups')).not.toBe('nav.groups')
})

test('a page opened while a language comes speaks it', async () => {
  const { speak, t, withLater } = await import('.')
  const speaking = speak('ru')
  const page = withLater(Promise.resolve('code'))

  await Promise.all([speaking, page])

  expect(t('adjust.yours')).toBe('Ваша часть')
})

test('another language brings along what the page needs', async () => {
  const { speak, t, withLater } = await import('.')
  await speak('en')
  await withLater(Promise.resolve('code'))

  await speak('ru')

  expect(t('adjust.yours')).toBe('Ваша часть')
})

test('of two languages the one asked for last is spoken', async () => {
  const { language, speak } = await import('.')

  await Promise.all([speak('ru'), speak('sr')])

  expect(language()).toBe('sr')
})
