/**
 * A run's view with one event folded in. Events carry what the server computed (plan, sums, shares), so this is assignment,
 * not arithmetic; what did not change stays the same object, and so is not painted again.
 */

import type {
  AllocationView,
  BidView,
  EventEnvelope,
  ItemView,
  LineNow,
  ParticipantView,
  ProductView,
  PurchasePart,
  Role,
  RunView,
  Share,
  Taken,
} from '../api/gen/types.gen'

type Of<Type extends EventEnvelope['type']> = Extract<EventEnvelope, { type: Type }>

/** The caller makes sure that `event.seq` is the view's plus one. */
export function fold(view: RunView, event: EventEnvelope): RunView {
  const next = { ...people(shopping(planning(view, event), event), event), seq: event.seq }
  if ('state' in event && event.state !== undefined) {
    next.state = event.state
    next.times = { ...view.times, [`${event.state}_at`]: event.at }
  }
  if (next.products !== view.products) next.estimate = estimate(next.products)
  return next
}

function planning(view: RunView, event: EventEnvelope): RunView {
  switch (event.type) {
    case 'product_added':
      return { ...view, products: [...view.products, empty(event.product)] }
    case 'bid_placed':
      return unready({ ...view, products: placed(view.products, event) }, event.user_id)
    case 'bid_retracted':
      return unready({ ...view, products: withdrawn(view.products, event.user_id, event) }, event.user_id)
    case 'ready_set':
      return person(view, event.user_id, { ready: event.ready })
    case 'details_edited':
      return details(view, event)
    case 'run_stepped_back':
      return { ...view, participants: view.participants.map((p) => (p.ready ? { ...p, ready: false } : p)) }
    default:
      return view
  }
}

function shopping(view: RunView, event: EventEnvelope): RunView {
  switch (event.type) {
    case 'shopping_started':
      return { ...view, products: event.items.reduce((all, line) => listed(all, line, event.seq), view.products) }
    case 'item_added':
      return itemAdded(view, event)
    case 'purchase_recorded':
      return { ...view, products: bought(view.products, event.product_id, event.parts, event.seq) }
    case 'purchase_undone':
      return { ...view, products: bought(view.products, event.product_id, [], event.seq) }
    case 'shopping_finished':
    case 'adjusting_finished':
    case 'received_set':
      return shared(view, event.shares ?? [])
    case 'picked_up':
      return { ...view, products: taken(view.products, event, 'picked_up') }
    case 'pick_up_undone':
      return { ...view, products: taken(view.products, event, undefined) }
    case 'left_with_leader':
      return { ...view, products: taken(view.products, event, 'left_with_leader') }
    case 'cost_added': {
      const { seq: id, label, amount, split, payer_id } = event
      return { ...view, costs: [...(view.costs ?? []), { id, label, amount, split, payer_id }] }
    }
    case 'cost_removed':
      return { ...view, costs: (view.costs ?? []).filter((cost) => cost.id !== event.cost) }
    case 'run_cancelled':
      return disposed({ ...view, cancel_reason: event.reason }, event)
    default:
      return view
  }
}

function people(view: RunView, event: EventEnvelope): RunView {
  switch (event.type) {
    case 'participant_joined':
      return { ...view, participants: joined(view, event) }
    case 'member_left':
      return left(view, event)
    case 'member_returned':
      return person(view, event.user_id, { removed: false, role: unappointed(view, event.user_id) })
    case 'helper_appointed':
      return person(view, event.user_id, { role: 'helper' })
    case 'helper_dismissed':
      return person(view, event.user_id, { role: 'participant' })
    case 'handover_offered':
      return { ...view, handover: event.to }
    case 'handover_ended':
      return { ...view, handover: undefined }
    case 'leadership_handed_over': {
      const handed = { ...view, leader_id: event.to, handover: undefined }
      return person(person(handed, event.from, { role: 'participant' }), event.to, { role: 'leader' })
    }
    default:
      return view
  }
}

function person(view: RunView, user: string, change: Partial<ParticipantView>): RunView {
  const participants = view.participants.map((p) => (p.user_id === user ? { ...p, ...change } : p))
  return { ...view, participants }
}

function unready(view: RunView, user: string): RunView {
  return view.participants.some((p) => p.user_id === user && p.ready) ? person(view, user, { ready: false }) : view
}

/** Whoever comes, or comes back, is no helper yet. */
function unappointed(view: RunView, user: string): Role {
  return user === view.leader_id ? 'leader' : 'participant'
}

function joined(view: RunView, { user_id, name }: Of<'participant_joined'>): ParticipantView[] {
  const role = unappointed(view, user_id)
  if (!view.participants.some((p) => p.user_id === user_id)) {
    return [...view.participants, { user_id, name, role, ready: false, removed: false }]
  }
  return view.participants.map((p) => (p.user_id === user_id ? { ...p, name, role, removed: false } : p))
}

function left(view: RunView, event: Of<'member_left'>): RunView {
  const products = (event.lines ?? []).reduce((all, line) => withdrawn(all, event.user_id, line), view.products)
  return person({ ...view, products }, event.user_id, { removed: true, ready: false, role: 'removed' })
}

function empty(product: Of<'product_added'>['product']): ProductView {
  const { id, name, unit, step, price, pack, minimum } = product
  const plan = { pack: pack ?? step, minimum, packs: 0, planned: '0', gap: '0' }
  return { product_id: id, name, unit, step, price, bids: [], wanted: '0', interested: 0, plan }
}

function line(product: ProductView, bids: BidView[], { wanted, interested, plan }: LineNow): ProductView {
  return { ...product, bids, wanted, interested: interested ?? 0, plan }
}

type Placed = LineNow & Pick<Of<'bid_placed'>, 'user_id' | 'min' | 'quantity' | 'max' | 'interested_only' | 'comment'>

function placed(products: ProductView[], event: Placed): ProductView[] {
  const { user_id, min = '0', quantity, max, interested_only = false, comment } = event
  const bid: BidView = { user_id, min, quantity, max, interested_only }
  if (comment != null) bid.comment = comment
  return products.map((product) => {
    if (product.product_id !== event.product_id) return product
    const known = product.bids.some((b) => b.user_id === user_id)
    const bids = known ? product.bids.map((b) => (b.user_id === user_id ? bid : b)) : [...product.bids, bid]
    return line(product, bids, event)
  })
}

/** A product nobody wants goes, unless it is on the shopping list. */
function withdrawn(products: ProductView[], user: string, now: LineNow): ProductView[] {
  const isGone = Number(now.wanted) === 0 && !now.interested && !now.listed
  return products.flatMap((product) => {
    if (product.product_id !== now.product_id) return [product]
    if (isGone) return []
    const bids = product.bids.filter((b) => b.user_id !== user)
    return [line(product, bids, now)]
  })
}

/** Absent is unchanged, null is removed. */
function details(view: RunView, event: Of<'details_edited'>): RunView {
  const { comment, planned_on, bidding_deadline } = event
  const next = { ...view }
  if (comment !== undefined) next.comment = comment || null
  if (planned_on !== undefined) next.planned_on = planned_on
  if (bidding_deadline !== undefined) next.bidding_deadline = bidding_deadline
  return next
}

function onItem(products: ProductView[], product: string, change: (item: ItemView) => ItemView): ProductView[] {
  return products.map((p) => (p.product_id === product && p.item ? { ...p, item: change(p.item) } : p))
}

function listed(products: ProductView[], { product_id, plan }: LineNow, seq: number): ProductView[] {
  const item: ItemView = { requested: plan.planned, bought: '0', total: 0, changed: seq }
  return products.map((p) => (p.product_id === product_id ? { ...p, item } : p))
}

function itemAdded(view: RunView, event: Of<'item_added'>): RunView {
  const { product, quantity, user_id, product_id } = event
  const added = listed([...view.products, empty(product)], event, event.seq)
  const requested = onItem(added, product_id, (item) => ({ ...item, requested: quantity }))
  const { wanted, interested, plan } = event
  const products = placed(requested, { product_id, wanted, interested, plan, user_id, quantity, max: quantity })
  return unready({ ...view, products }, user_id)
}

function bought(products: ProductView[], product: string, parts: PurchasePart[], seq: number): ProductView[] {
  const thousandths = parts.reduce((sum, part) => sum + Math.round(Number(part.quantity) * 1000), 0)
  const total = parts.reduce((sum, part) => sum + part.total, 0)
  const change = { bought: String(thousandths / 1000), total, parts, changed: seq }
  return products.map((p) => {
    if (p.product_id !== product) return p
    return { ...p, item: { requested: '0', ...p.item, ...change } }
  })
}

function shared(view: RunView, shares: Share[]): RunView {
  const order = view.participants.map((p) => p.user_id)
  const products = shares.reduce(
    (all, share) => onItem(all, share.product_id, (item) => withShare(item, share, order)),
    view.products,
  )
  return products === view.products ? view : { ...view, products }
}

/** Allocations are in the order of joining. */
function withShare(item: ItemView, { user_id, quantity, share }: Share, order: string[]): ItemView {
  const known = item.allocations?.find((a) => a.user_id === user_id)
  const fresh: AllocationView = { ...known, user_id, received: quantity, share }
  const others = (item.allocations ?? []).filter((a) => a !== known)
  const allocations = [...others, fresh].sort((a, b) => order.indexOf(a.user_id) - order.indexOf(b.user_id))
  return weighed({ ...item, allocations })
}

/** What was bought and handed out to nobody. */
function weighed(item: ItemView): ItemView {
  const received = (item.allocations ?? []).reduce((sum, a) => sum + Math.round(Number(a.received) * 1000), 0)
  const missing = Math.max(0, Math.round(Number(item.bought) * 1000) - received)
  return { ...item, shrink: (item.allocations ?? []).length === 0 ? '0' : String(missing / 1000) }
}

function taken(
  products: ProductView[],
  event: { user_id: string; product_ids: string[] },
  how: Taken | undefined,
): ProductView[] {
  return event.product_ids.reduce(
    (all, product) =>
      onItem(all, product, (item) => ({
        ...item,
        allocations: item.allocations?.map((a) => (a.user_id === event.user_id ? { ...a, taken: how } : a)),
      })),
    products,
  )
}

/** What becomes of what was bought in a run that is cancelled. */
function disposed(view: RunView, { items = [], shares = [] }: Of<'run_cancelled'>): RunView {
  const products = items.reduce((all, { product_id, outcome }) => {
    const stays = (user: string) => shares.some((s) => s.product_id === product_id && s.user_id === user)
    return onItem(all, product_id, (item) =>
      weighed({ ...item, outcome, allocations: item.allocations?.filter((a) => stays(a.user_id)) }),
    )
  }, view.products)
  return shared({ ...view, products }, shares)
}

/** What the plan would cost, as far as prices are known; each line rounded half up. Exact below 2^53. */
function estimate(products: ProductView[]): number {
  return products.reduce((sum, { price, plan }) => sum + lineCost(price ?? 0, plan.planned), 0)
}

/** What a quantity costs at a price per unit, rounded half up to the minor unit as the server does. */
export function lineCost(price: number, quantity: string): number {
  return Math.floor((price * Math.round(Number(quantity) * 1000) + 500) / 1000)
}
