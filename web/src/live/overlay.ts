/** What a command under way will look like. A guess for the eye: the server's event replaces it a moment later. */

import type { AllocationView, BidView, Command, ProductView, RunView, Taken } from '../api/gen/types.gen'
import type { UnderWay } from './run-store'

/** What concerns the whole run; products are laid over one by one. */
export function overlayRun(view: RunView, underWay: readonly UnderWay[], me: string): RunView {
  const last = underWay.findLast(({ command }) => command.type === 'set_ready')?.command
  if (last?.type !== 'set_ready') return view
  const { ready } = last
  return { ...view, participants: view.participants.map((p) => (p.user_id === me ? { ...p, ready } : p)) }
}

export function overlayProduct(product: ProductView, command: Command, me: string): ProductView {
  if (command.type === 'place_bid') return bid(product, command, command.for ?? me)
  if (command.type === 'retract_bid') return without(product, command.for ?? me)
  if (command.type === 'pick_up') return taken(product, command.user_id, 'picked_up')
  if (command.type === 'left_with_leader') return taken(product, command.user_id, 'left_with_leader')
  if (command.type === 'undo_pick_up') return taken(product, command.user_id, undefined)
  return product
}

/** Handed over, or not after all. What is taken already stays as it was taken, and nothing is nothing to take. */
function taken(product: ProductView, user: string, how: Taken | undefined): ProductView {
  const changes = (a: AllocationView) =>
    a.user_id === user && Number(a.received) > 0 && (how === undefined) !== (a.taken == null)
  const { item } = product
  if (!item?.allocations?.some(changes)) return product
  const allocations = item.allocations.map((a) => (changes(a) ? { ...a, taken: how } : a))
  return { ...product, item: { ...item, allocations } }
}

function bid(product: ProductView, command: Extract<Command, { type: 'place_bid' }>, user: string): ProductView {
  if (Number(command.quantity) === 0 && !command.interested_only) return without(product, user)
  const { quantity, min, max, interested_only = false, comment } = command
  const fresh: BidView = { user_id: user, quantity, min: min ?? '0', max: max ?? quantity, interested_only, comment }
  const known = product.bids.some((b) => b.user_id === user)
  const bids = known ? product.bids.map((b) => (b.user_id === user ? fresh : b)) : [...product.bids, fresh]
  return { ...product, bids, wanted: sum(bids) }
}

function without(product: ProductView, user: string): ProductView {
  const bids = product.bids.filter((b) => b.user_id !== user)
  return { ...product, bids, wanted: sum(bids) }
}

function sum(bids: BidView[]): string {
  const wanted = bids.filter((b) => !b.interested_only)
  return String(wanted.reduce((total, b) => total + Math.round(Number(b.quantity) * 1000), 0) / 1000)
}
