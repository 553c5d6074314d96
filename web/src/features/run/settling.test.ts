import { expect, test } from 'vitest'
import type { ProductView } from '../../api/gen/types.gen'
import { fairPart } from './Adjusting'
import { wireOutcomes } from './CancelDialog'
import { goodsOf, progress, shareOf, takersOf, waits } from './handing-out'

const bid = (user_id: string, quantity: string) => ({
  user_id,
  quantity,
  min: '0',
  max: quantity,
  interested_only: false,
})
const rice: ProductView = {
  product_id: 'rice',
  name: 'Rice',
  unit: 'kg',
  step: '0.1',
  bids: [bid('ana', '2'), bid('jonas', '1')],
  wanted: '3',
  interested: 0,
  plan: { pack: '1', minimum: '0', packs: 3, planned: '3', gap: '0' },
  item: {
    requested: '3',
    bought: '3',
    total: 900,
    changed: 4,
    shrink: '0.1',
    allocations: [
      { user_id: 'ana', received: '1.9', share: 590, taken: 'picked_up' },
      { user_id: 'jonas', received: '1', share: 310 },
      { user_id: 'mei', received: '0', share: 0 },
    ],
  },
}
const beans: ProductView = { ...rice, product_id: 'beans', name: 'Beans', item: undefined }

test('a box holds what a person gets, beside what they wished for', () => {
  const [goods, ...rest] = goodsOf([rice, beans], 'ana')

  expect(rest).toEqual([])
  expect(goods).toMatchObject({ wished: 2000, received: 1900 })
  expect(shareOf(goodsOf([rice, beans], 'ana'))).toBe(590)
})

test('what is nothing does not wait, and is not counted', () => {
  expect(takersOf(rice).map(waits)).toEqual([false, true, false])
  expect(progress([rice, beans])).toEqual({ done: 1, all: 2 })
})

test('the fair part is what the policy of the group gives', () => {
  const share = (quantity: string) => ({ user_id: 'ana', product_id: 'rice', quantity, share: 1 })
  const policies = [
    { policy: 'proportional' as const, shares: [share('1.4')] },
    { policy: 'equal_awards' as const, shares: [share('1.5')] },
  ]

  expect(fairPart(policies, 'equal_awards', 'rice', 'ana')).toBe(1500)
  expect(fairPart(policies, 'equal_awards', 'rice', 'jonas')).toBe(0)
})

test('outcomes are written as the route reads them', () => {
  expect(wireOutcomes({})).toBeUndefined()
  expect(wireOutcomes({ rice: 'returned', beans: 'shared_anyway' })).toBe('rice:returned,beans:shared_anyway')
})
