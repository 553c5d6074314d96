/** A line of the shopping list as it is shown: what the server has, and what was tapped here laid over it. */

import type { ProductView } from '../../api/gen/types.gen'
import { milli } from '../../i18n/format'
import { lineCost } from '../../live/fold'
import type { Entry, Refusal } from '../../offline/purchases'

export interface ShoppingLine {
  product: ProductView
  requested: number
  bought: number
  total: number
  /** Something of it is in the cart. */
  isBought: boolean
  /** Which of the family is in the cart, by name. */
  picked: string[]
  /** Tapped here and not yet in the view. */
  waits: boolean
  /** Tapped here and refused; the person decides. */
  refused: (Entry & { refused: Refusal }) | undefined
  /** The server's `changed`: what a command builds on. */
  changed: number
}

export function lineOf(product: ProductView, entries: readonly Entry[]): ShoppingLine | undefined {
  const { item } = product
  if (item == null) return undefined
  const mine = entries.filter((entry) => entry.product === product.product_id).sort((a, b) => a.order - b.order)
  const refused = mine.find((entry): entry is Entry & { refused: Refusal } => entry.refused !== undefined)
  const last = mine.findLast(
    (entry) => entry.refused === undefined && (entry.committed === undefined || entry.committed > item.changed),
  )
  const isBought = (item.parts?.length ?? 0) > 0
  const recorded = { bought: milli(item.bought), total: item.total, isBought, picked: pickedOf(product) }
  return {
    product,
    requested: milli(item.requested),
    ...(last === undefined ? recorded : laidOver(recorded, last)),
    waits: last !== undefined && last.committed === undefined,
    refused,
    changed: item.changed,
  }
}

type Recorded = Pick<ShoppingLine, 'bought' | 'total' | 'isBought' | 'picked'>

function laidOver(recorded: Recorded, { act }: Entry): Recorded {
  if (act.kind === 'undo') return { bought: 0, total: 0, isBought: false, picked: [] }
  const [bought, total, picked] = [milli(act.quantity), act.total, act.picked ? [act.picked.name] : []]
  if (act.kind === 'record') return { bought, total, isBought: true, picked }
  return {
    bought: recorded.bought + bought,
    total: recorded.total + total,
    isBought: true,
    picked: [...new Set([...recorded.picked, ...picked])],
  }
}

/** Which products of the family were bought, by name. */
export function pickedOf({ item }: ProductView): string[] {
  return [...new Set(item?.parts?.flatMap(({ picked }) => picked?.name ?? []) ?? [])]
}

/** What to buy first; what is in the cart goes down. By name, so that nothing jumps while the list is worked through. */
export function sorted(lines: ShoppingLine[]): ShoppingLine[] {
  return [...lines].sort(
    (a, b) => Number(a.isBought) - Number(b.isBought) || a.product.name.localeCompare(b.product.name),
  )
}

/** What the asked amount would cost at the known price; undefined without one. */
export function expectedCost({ product, requested }: ShoppingLine): number | undefined {
  return product.price == null ? undefined : Math.max(1, lineCost(product.price, String(requested / 1000)))
}
