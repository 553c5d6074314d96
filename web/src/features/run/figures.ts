/** What is shown of a product, from what the server says. Quantities in thousandths. */

import type { BidView, ProductView } from '../../api/gen/types.gen'
import { milli, wire } from '../../i18n/format'
import { lineCost } from '../../live/fold'

export interface Figures {
  mine: number
  others: number
  wanted: number
  /** Up to how much everybody together would take. */
  most: number
  planned: number
  /** What has to be wanted so that the next pack or minimum is reached; 0 if there is nothing to reach. */
  goal: number
  /** Missing after everybody's tolerance. */
  gap: number
  pack: number
  hasPacks: boolean
}

export function figures(product: ProductView, me: string): Figures {
  const bid = bidOf(product, me)
  const mine = bid && !bid.interested_only ? milli(bid.quantity) : 0
  const [wanted, planned, gap] = [milli(product.wanted), milli(product.plan.planned), milli(product.plan.gap)]
  const pack = milli(product.plan.pack)
  const hasPacks = pack > milli(product.step) || milli(product.plan.minimum) > 0
  const most = mostOf(product)
  const goal = hasPacks ? Math.max(planned, gap > 0 ? most + gap : 0) : 0
  return { mine, others: Math.max(0, wanted - mine), wanted, most, planned, goal, gap, pack, hasPacks }
}

function mostOf(product: ProductView): number {
  return product.bids.reduce((sum, bid) => sum + (bid.interested_only ? 0 : milli(bid.max)), 0)
}

export function bidOf(product: ProductView, user: string): BidView | undefined {
  return product.bids.find((bid) => bid.user_id === user)
}

/** My bid with another quantity: what was said of tolerance and in words stays said. */
export function changedBid(product_id: string, bid: BidView | undefined, thousandths: number) {
  if (thousandths <= 0) return { type: 'retract_bid', product_id } as const
  const place = { type: 'place_bid', product_id, quantity: wire(thousandths) } as const
  if (bid === undefined || bid.interested_only) return place
  const flexible = milli(bid.max) > milli(bid.quantity)
  return {
    ...place,
    min: wire(Math.min(thousandths, milli(bid.min))),
    max: flexible ? wire(Math.max(thousandths, milli(bid.max))) : undefined,
    comment: bid.comment ?? undefined,
  }
}

/** What my bids would cost at the known prices. */
export function myEstimate(products: ProductView[], me: string): number {
  return products.reduce((sum, product) => {
    const bid = bidOf(product, me)
    return bid && !bid.interested_only ? sum + lineCost(product.price ?? 0, bid.quantity) : sum
  }, 0)
}

/** What I owe for what goes to me. */
export function myShare(products: ProductView[], me: string): number {
  return products.reduce((sum, { item }) => sum + (item?.allocations?.find((a) => a.user_id === me)?.share ?? 0), 0)
}

/** What was paid for everything. */
export function paid(products: ProductView[]): number {
  return products.reduce((sum, { item }) => sum + (item?.total ?? 0), 0)
}
