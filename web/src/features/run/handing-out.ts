/** The boxes of a run, worked out of its view: who gets what, and what still waits. Quantities in thousandths. */

import type { AllocationView, ProductView } from '../../api/gen/types.gen'
import { milli } from '../../i18n/format'
import { bidOf } from './figures'

export interface Goods {
  product: ProductView
  allocation: AllocationView
  /** What they wished for. */
  wished: number
  received: number
}

/** What a person gets, in the order of the list. What they get nothing of is left out. */
export function goodsOf(products: readonly ProductView[], user: string): Goods[] {
  return products.flatMap((product) => {
    const allocation = product.item?.allocations?.find((a) => a.user_id === user)
    return allocation === undefined ? [] : [goods(product, allocation)]
  })
}

/** Who gets some of a product, in the order of joining. */
export function takersOf(product: ProductView): Goods[] {
  return (product.item?.allocations ?? []).map((allocation) => goods(product, allocation))
}

function goods(product: ProductView, allocation: AllocationView): Goods {
  const wished = milli(bidOf(product, allocation.user_id)?.quantity ?? '0')
  return { product, allocation, wished, received: milli(allocation.received) }
}

/** Neither taken nor nothing: it still waits for somebody. */
export function waits({ allocation, received }: Goods): boolean {
  return allocation.taken == null && received > 0
}

export interface Progress {
  done: number
  all: number
}

export function progress(products: readonly ProductView[]): Progress {
  const all = products.flatMap(takersOf).filter((each) => each.received > 0)
  return { done: all.filter((each) => !waits(each)).length, all: all.length }
}

/** The shares of the goods; costs come with the settlement. */
export function shareOf(goods: readonly Goods[]): number {
  return goods.reduce((sum, { allocation }) => sum + allocation.share, 0)
}
