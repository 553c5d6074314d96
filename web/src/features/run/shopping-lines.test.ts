import { expect, test } from 'vitest'
import type { ProductView } from '../../api/gen/types.gen'
import { type Act, commandOf, type Entry } from '../../offline/purchases'
import { lineOf } from './shopping-lines'

const picked = (name: string) => ({ product_id: name.toLowerCase(), name })
const rice = (parts: { quantity: string; total: number; picked?: { product_id: string; name: string } }[]) =>
  ({
    product_id: 'rice',
    item: {
      requested: '5',
      bought: String(parts.reduce((sum, part) => sum + Number(part.quantity), 0)),
      total: parts.reduce((sum, part) => sum + part.total, 0),
      changed: 7,
      parts: parts.map((part) => ({ ...part, payer_id: 'lea' })),
    },
  }) as ProductView
const tapped = (act: Act): Entry => ({
  commandId: 'c',
  user: 'lea',
  run: 'run',
  product: 'rice',
  order: 1,
  act,
  expected: 7,
  sent: false,
})

test('what was picked of a family is said for each kind once', () => {
  const product = rice([
    { quantity: '2', total: 400, picked: picked('Basmati') },
    { quantity: '1', total: 210, picked: picked('Basmati') },
    { quantity: '1', total: 300, picked: picked('Sushi rice') },
    { quantity: '1', total: 200 },
  ])

  expect(lineOf(product, [])?.picked).toEqual(['Basmati', 'Sushi rice'])
})

test('what is picked without reception is shown at once, beside what is recorded or instead of it', () => {
  const product = rice([{ quantity: '2', total: 400, picked: picked('Basmati') }])
  const more = { quantity: '3', total: 900, picked: picked('Sushi rice') }

  expect(lineOf(product, [tapped({ kind: 'add', ...more })])).toMatchObject({
    bought: 5000,
    total: 1300,
    picked: ['Basmati', 'Sushi rice'],
  })
  expect(lineOf(product, [tapped({ kind: 'record', ...more })])?.picked).toEqual(['Sushi rice'])
  expect(lineOf(product, [tapped({ kind: 'undo' })])?.picked).toEqual([])
})

test('the server is told which product it is, not what it is called', () => {
  const act: Act = { kind: 'record', quantity: '3', total: 900, picked: picked('Basmati') }

  expect(commandOf(tapped(act))).toMatchObject({ type: 'record_purchase', product_id: 'rice', picked: 'basmati' })
})
