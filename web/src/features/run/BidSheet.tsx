import { lazy, Suspense, useState } from 'react'
import type { Command, ProductView, Unit } from '../../api/gen/types.gen'
import { t, withLater } from '../../i18n'
import { amountInput, milli, money, parseAmount, quantity, unit, wire } from '../../i18n/format'
import { useShown } from '../../live'
import { lineCost } from '../../live/fold'
import type { RunStore } from '../../live/run-store'
import { Avatar } from '../../ui/Badges'
import { Button } from '../../ui/Button'
import { Skeleton } from '../../ui/Cards'
import { Check, Input, TextArea } from '../../ui/Field'
import { stride } from '../../ui/Qty'
import { Sheet } from '../../ui/Sheet'
import { act } from './act'
import { bidOf } from './figures'
import styles from './Run.module.css'

const History = lazy(() => withLater(import('./History')))

/** A product to bid on; it need not be in the run yet. */
export interface Chosen {
  product_id: string
  name: string
  unit: Unit
  step: string
  price: number | undefined
  pack: string | undefined
}

interface Props {
  store: RunStore
  me: string
  chosen: Chosen
  onClose(): void
}

export default function BidSheet({ store, me, chosen, onClose }: Props) {
  const product = useShown(store, ({ view }) => view.products.find((p) => p.product_id === chosen.product_id))
  const mayBid = useShown(store, ({ view }) => view.viewer?.may.includes('place_bid')) ?? false
  return (
    <Sheet title={chosen.name} onClose={onClose}>
      {mayBid && <BidForm store={store} me={me} chosen={chosen} product={product} onClose={onClose} />}
      {product && <Others store={store} me={me} product={product} />}
      <Prices store={store} chosen={chosen} />
    </Sheet>
  )
}

function BidForm({ store, me, chosen, product, onClose }: Props & { product: ProductView | undefined }) {
  const currency = useShown(store, ({ view }) => view.currency) ?? 'EUR'
  const bid = product && bidOf(product, me)
  const [text, setText] = useState(() =>
    amountInput(bid && !bid.interested_only ? milli(bid.quantity) : firstAmount(chosen)),
  )
  const [min, setMin] = useState(() => (bid && milli(bid.min) > 0 ? amountInput(milli(bid.min)) : ''))
  const [max, setMax] = useState(() => (bid && milli(bid.max) > milli(bid.quantity) ? amountInput(milli(bid.max)) : ''))
  const [comment, setComment] = useState(bid?.comment ?? '')
  const [interested, setInterested] = useState(bid?.interested_only ?? false)
  const thousandths = parseAmount(text)
  const gap = product ? milli(product.plan.gap) : 0

  const save = async (event: React.FormEvent) => {
    event.preventDefault()
    if (thousandths === undefined && !interested) return
    const wanted = bidCommand(chosen.product_id, { thousandths: thousandths ?? 0, min, max, comment, interested })
    onClose()
    await act(store, wanted)
  }
  const remove = () => {
    onClose()
    void act(store, { type: 'retract_bid', product_id: chosen.product_id })
  }
  return (
    <form className={styles.form} onSubmit={save}>
      {!interested && (
        <>
          <Input
            label={t('bid.title')}
            big
            unit={unit(chosen.unit, thousandths)}
            inputMode="decimal"
            value={text}
            onChange={(event) => setText(event.target.value)}
            onFocus={(event) => event.target.select()}
            error={thousandths === undefined ? t('form.invalid') : undefined}
            autoFocus
          />
          <div className={styles.quick}>
            {quickAmounts(chosen).map((amount) => (
              <button key={amount} type="button" onClick={() => setText(amountInput(amount))}>
                {quantity(amount, chosen.unit)}
              </button>
            ))}
          </div>
          <p className={styles.cost}>
            {chosen.price !== undefined && thousandths !== undefined && (
              <strong>{money(lineCost(chosen.price, wire(thousandths)), currency)}</strong>
            )}
            {gap > 0 && <span>{t('bid.gapHint', { amount: quantity(gap, chosen.unit) })}</span>}
          </p>
          <details className={styles.fold} open={min !== '' || max !== '' || undefined}>
            <summary>{t('bid.tolerance')}</summary>
            <div className={styles.two}>
              <Input
                label={t('bid.min')}
                unit={unit(chosen.unit)}
                inputMode="decimal"
                value={min}
                onChange={(event) => setMin(event.target.value)}
              />
              <Input
                label={t('bid.max')}
                unit={unit(chosen.unit)}
                inputMode="decimal"
                value={max}
                onChange={(event) => setMax(event.target.value)}
              />
            </div>
          </details>
        </>
      )}
      <TextArea
        label={t('bid.comment')}
        value={comment}
        onChange={(event) => setComment(event.target.value)}
        maxLength={500}
        rows={2}
        optional
      />
      <Check
        label={t('bid.interested')}
        checked={interested}
        onChange={(event) => setInterested(event.target.checked)}
      />
      <div className={styles.buttons}>
        {bid && (
          <Button kind="dangerText" icon="trash" onClick={remove}>
            {t('bid.remove')}
          </Button>
        )}
        <Button type="submit" disabled={thousandths === undefined && !interested}>
          {t('bid.save')}
        </Button>
      </div>
    </form>
  )
}

function Prices({ store, chosen }: { store: RunStore; chosen: Chosen }) {
  const [open, setOpen] = useState(false)
  return (
    <details className={styles.fold} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('run.prices')}</summary>
      <Suspense fallback={<Skeleton heights={[240]} />}>
        {open && <History store={store} product={chosen.product_id} unit={chosen.unit} />}
      </Suspense>
    </details>
  )
}

interface Typed {
  thousandths: number
  min: string
  max: string
  comment: string
  interested: boolean
}

function bidCommand(product_id: string, { thousandths, min, max, comment, interested }: Typed): Command {
  const said = comment.trim() || undefined
  if (interested) return { type: 'place_bid', product_id, quantity: '1', interested_only: true, comment: said }
  if (thousandths === 0) return { type: 'retract_bid', product_id }
  const [least, most] = [parseAmount(min), parseAmount(max)]
  return {
    type: 'place_bid',
    product_id,
    quantity: wire(thousandths),
    min: least === undefined ? undefined : wire(least),
    max: most === undefined ? undefined : wire(most),
    comment: said,
  }
}

/** A first guess of the amount: one stride. */
function firstAmount({ step, pack }: Chosen): number {
  return stride(milli(step), milli(pack ?? step))
}

function quickAmounts({ step, pack }: Chosen): number[] {
  const one = stride(milli(step), milli(pack ?? step))
  return [1, 2, 5, 10].map((times) => times * one)
}

function Others({ store, me, product }: { store: RunStore; me: string; product: ProductView }) {
  const others = product.bids.filter((bid) => bid.user_id !== me)
  if (others.length === 0) return null
  return (
    <details className={styles.fold}>
      <summary>{t('bid.others')}</summary>
      <ul className={styles.others}>
        {others.map((bid) => (
          <li key={bid.user_id}>
            <Avatar id={bid.user_id} name={store.nameOf(bid.user_id)} />
            <span>
              {store.nameOf(bid.user_id)}
              {bid.comment && <small> · {bid.comment}</small>}
            </span>
            <b>
              {bid.interested_only ? t('bid.onlyInterested') : quantity(milli(bid.quantity), product.unit)}
              {!bid.interested_only &&
                milli(bid.max) > milli(bid.quantity) &&
                ` ${t('bid.upTo', { amount: quantity(milli(bid.max), product.unit) })}`}
            </b>
          </li>
        ))}
      </ul>
    </details>
  )
}
