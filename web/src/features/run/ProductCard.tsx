import { memo, useEffect, useRef, useState } from 'react'
import type { ProductView } from '../../api/gen/types.gen'
import { t } from '../../i18n'
import { amount, milli, money, quantity, unit, wire } from '../../i18n/format'
import { useLiveStatus, useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { Avatars, Chip } from '../../ui/Badges'
import { Button } from '../../ui/Button'
import { Icon } from '../../ui/Icon'
import { Meter } from '../../ui/Meter'
import { Qty, stride } from '../../ui/Qty'
import { toast } from '../../ui/toasts'
import { act } from './act'
import type { Chosen } from './BidSheet'
import { bidOf, changedBid, type Figures, figures } from './figures'
import styles from './Run.module.css'

interface Props {
  store: RunStore
  me: string
  id: string
  mayBid: boolean
  onOpen(chosen: Chosen): void
}

/** One product. Looks only at its own part of the run: somebody else's bid on another product does not touch it. */
export const ProductCard = memo(function ProductCard({ store, me, id, mayBid, onOpen }: Props) {
  const product = useShown(store, ({ view }) => view.products.find((p) => p.product_id === id))
  const currency = useShown(store, ({ view }) => view.currency) ?? 'EUR'
  const isUnderWay = useShown(store, ({ underWay }) =>
    underWay.some((u) => 'product_id' in u.command && u.command.product_id === id),
  )
  const flash = useFlash(product, me)
  if (product === undefined) return null
  const now = figures(product, me)
  const people = product.bids.map((bid) => ({ id: bid.user_id, name: store.nameOf(bid.user_id) }))
  const open = () => onOpen(chosenOf(product))
  return (
    <li className={styles.card} data-flash={flash} data-product={id}>
      <button type="button" className={styles.cardHead} onClick={open}>
        <span className={styles.name}>{product.name}</span>
        <Price product={product} currency={currency} />
      </button>
      <Meter mine={now.mine} others={now.others} goal={now.goal} label={meterLabel(product, now)} />
      <Reached product={product} now={now} isOpen={mayBid} />
      <div className={styles.act}>
        <Avatars people={people} />
        <div className={styles.mine}>
          {isUnderWay && <Sending />}
          {mayBid && <Mine store={store} me={me} product={product} now={now} onOpen={open} />}
        </div>
      </div>
      {mayBid && now.gap > 0 && now.hasPacks && <Fill store={store} me={me} product={product} gap={now.gap} />}
    </li>
  )
})

export function chosenOf(product: ProductView): Chosen {
  const { product_id, name, unit, step, price, plan } = product
  return { product_id, name, unit, step, price: price ?? undefined, pack: plan.pack }
}

function Price({ product, currency }: { product: ProductView; currency: string }) {
  if (product.price == null) return <span className={styles.sending}>{t('run.noPrice')}</span>
  return (
    <span className={styles.price}>
      {money(product.price, currency)} <small>{t('run.per', { unit: unit(product.unit) })}</small>
    </span>
  )
}

function meterLabel(product: ProductView, { mine, others, goal }: Figures): string {
  const values = {
    mine: quantity(mine, product.unit),
    others: quantity(others, product.unit),
    of: quantity(goal, product.unit),
  }
  return goal > 0 ? t('run.meter', values) : t('run.meterOpen', values)
}

function Reached({ product, now, isOpen }: { product: ProductView; now: Figures; isOpen: boolean }) {
  const of = product.unit
  return (
    <div className={styles.line}>
      <span>
        <b className="number">
          {amount(now.wanted)}
          {now.most > now.wanted && now.goal > now.wanted && `–${amount(Math.min(now.most, now.goal))}`}
        </b>{' '}
        {now.goal > 0 ? `/ ${quantity(now.goal, of)}` : unit(of, now.wanted)}
        {product.interested > 0 && ` · ${t('run.interested', { n: product.interested })}`}
      </span>
      {now.gap > 0 && now.hasPacks && (
        <Chip kind="near">{t(isOpen ? 'run.toGo' : 'run.short', { amount: quantity(now.gap, of) })}</Chip>
      )}
      {now.gap === 0 && now.planned > 0 && now.hasPacks && (
        <Chip kind="ok" icon="check">
          {product.plan.packs > 0 && now.pack > 0
            ? t('run.packs', { n: product.plan.packs, pack: quantity(now.pack, of) })
            : t('run.full')}
        </Chip>
      )}
    </div>
  )
}

function Sending() {
  const status = useLiveStatus()
  return (
    <span className={styles.sending} role="status">
      {t(status === 'offline' ? 'run.waiting' : 'run.sending')}
    </span>
  )
}

interface MineProps {
  store: RunStore
  me: string
  product: ProductView
  now: Figures
  onOpen(): void
}

function Mine({ store, me, product, now, onOpen }: MineProps) {
  const by = stride(milli(product.step), now.pack)
  const change = (difference: number) => {
    // What is shown now, with what is under way: every tap counts.
    const shown = store.shown?.view.products.find((p) => p.product_id === product.product_id)
    const bid = shown && bidOf(shown, me)
    const have = bid && !bid.interested_only ? milli(bid.quantity) : 0
    void act(store, changedBid(product.product_id, bid, have + difference))
  }
  if (now.mine === 0) {
    return (
      <Button
        kind="soft"
        size="small"
        icon="plus"
        onClick={() => change(by)}
        aria-label={`${t('run.join')}: ${product.name}`}
      >
        {t('run.join')}
      </Button>
    )
  }
  return (
    <Qty
      name={product.name}
      thousandths={now.mine}
      unit={product.unit}
      onLess={() => change(-Math.min(by, now.mine))}
      onMore={() => change(by)}
      onOpen={onOpen}
    />
  )
}

/** What is missing to the next pack, in one tap. Of two people tapping, one wins and the other is told. */
function Fill({ store, me, product, gap }: { store: RunStore; me: string; product: ProductView; gap: number }) {
  const fill = async () => {
    const bid = bidOf(product, me)
    const from = bid && !bid.interested_only ? milli(bid.max) : 0
    const command = {
      type: 'place_bid',
      product_id: product.product_id,
      quantity: wire(from + gap),
      fill: true,
    } as const
    const outcome = await act(store, bid ? { ...command, min: bid.min, comment: bid.comment ?? undefined } : command)
    if (outcome.kind === 'committed') toast(t('run.filled'))
  }
  return (
    <button
      type="button"
      className={styles.fill}
      onClick={() => void fill()}
      aria-label={`${t('run.fill', { amount: quantity(gap, product.unit) })}: ${product.name}`}
    >
      <Icon name="plus" size={18} />
      {t('run.fill', { amount: quantity(gap, product.unit) })}
    </button>
  )
}

const FLASH_MS = 1_400

/** What somebody else changed lights up for a moment. */
function useFlash(product: ProductView | undefined, me: string): boolean {
  const others = product?.bids
    .map((bid) => (bid.user_id === me ? '' : `${bid.user_id}${bid.quantity}${bid.max}`))
    .join()
  const before = useRef(others)
  const [flash, setFlash] = useState(false)
  useEffect(() => {
    if (before.current === others) return
    before.current = others
    setFlash(true)
    const timer = setTimeout(() => setFlash(false), FLASH_MS)
    return () => clearTimeout(timer)
  }, [others])
  return flash
}
