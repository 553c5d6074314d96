import { expect, test } from 'vitest'
import { usernameOf } from './username'

test.each([
  ['Mira Kovač', 'mira-kovac'],
  ['  Ana   Petrović ', 'ana-petrovic'],
  ['Đorđe Šumar', 'djordje-sumar'],
  ['Юлия Соколова', 'yuliya-sokolova'],
  ['O’Neill, José', 'o-neill-jose'],
  ['Bo', ''],
  ['山田', ''],
  ['x'.repeat(80), 'x'.repeat(50)],
])('%s may be called %s', (name, username) => {
  expect(usernameOf(name)).toBe(username)
})
