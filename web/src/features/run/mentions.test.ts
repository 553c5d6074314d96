import { expect, test } from 'vitest'
import type { Member } from '../../api/gen/types.gen'
import { completed, mentionAt, pieces, suggestions } from './mentions'

const member = (username: string, name: string): Member => ({
  user_id: `id of ${username}`,
  username,
  name,
  role: 'member',
  joined_at: '2026-01-01T00:00:00Z',
})
const ana = member('ana', 'Ana Kovač')
const olga = member('olga-p', 'Ольга')
const members = [ana, olga]

test.each([
  ['nobody is meant', [{ text: 'nobody is meant' }]],
  ['@ana', [{ text: '@ana', user: 'id of ana' }]],
  [
    'ask @Ana, or @olga-p!',
    [
      { text: 'ask ' },
      { text: '@Ana', user: 'id of ana' },
      { text: ', or ' },
      { text: '@olga-p', user: 'id of olga-p' },
      { text: '!' },
    ],
  ],
  ['write to mail@ana', [{ text: 'write to mail@ana' }]],
  ['write to @somebody-else', [{ text: 'write to @somebody-else' }]],
])('%s', (text, wanted) => {
  expect(pieces(text, members)).toEqual(wanted)
})

test.each([
  ['@', 1, ''],
  ['hello @an', 9, 'an'],
  ['hello @ан', 9, 'ан'],
  ['hello @ana there', 16, undefined],
  ['mail@host', 9, undefined],
])('in “%s” at %d the mention %s is being typed', (text, caret, wanted) => {
  expect(mentionAt(text, caret)).toBe(wanted)
})

test('people are proposed by name and by username', () => {
  expect(suggestions('', members)).toEqual(members)
  expect(suggestions('kov', members)).toEqual([ana])
  expect(suggestions('оль', members)).toEqual([olga])
  expect(suggestions('olga', members)).toEqual([olga])
  expect(suggestions('x', members)).toEqual([])
})

test('the mention is written out where the caret is', () => {
  expect(completed('ask @kov about it', 8, ana)).toEqual({ text: 'ask @ana about it', caret: 9 })
})
