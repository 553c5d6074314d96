import { useState } from 'react'
import { getRunsRunAdjustments } from '../../api/gen/operations.gen'
import type { AdjustmentsView, Bounds, PolicyPreview, ProductView, UnbalancedItem } from '../../api/gen/types.gen'
import { t } from '../../i18n'
import { list, milli, quantity, wire } from '../../i18n/format'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { Chip } from '../../ui/Badges'
import { Button } from '../../ui/Button'
import { Card, cardClass, EmptyState, ErrorCard, Skeleton } from '../../ui/Cards'
import { useLevel } from './about'
import { act } from './act'
import { ForcePolicy } from './ForcePolicy'
import styles from './Settling.module.css'

interface Props {
  store: RunStore
  me: string
}

/** Bought is not what was wanted: those it concerns move towards each other, or the leader lets a rule decide. */
export default function Adjusting({ store, me }: Props) {
  const answer = getRunsRunAdjustments.use({ path: { run: store.id } })
  const isLevel = useLevel(store, answer)
  const mayFinish = useShown(store, ({ view }) => view.viewer?.may.includes('finish_adjusting')) ?? false
  if (answer.isPending) return <Skeleton heights={[220, 120]} />
  if (!answer.data) return <ErrorCard error={answer.error} onRetry={() => void answer.refetch()} />
  const { items } = answer.data
  const mine = items.flatMap((item) => item.people.filter((p) => p.user_id === me).map((bounds) => ({ item, bounds })))
  const others = items.filter((item) => !item.people.some((p) => p.user_id === me))
  return (
    <div className={styles.stack} aria-busy={!isLevel}>
      {items.length === 0 && <Balanced store={store} mayFinish={mayFinish} />}
      {mine.map(({ item, bounds }) => (
        <MyPart key={item.product_id} store={store} item={item} bounds={bounds} answer={answer.data} />
      ))}
      {others.length > 0 && <Others store={store} items={others} />}
      {mayFinish && items.length > 0 && <ForcePolicy store={store} answer={answer.data} isLevel={isLevel} />}
    </div>
  )
}

function Balanced({ store, mayFinish }: { store: RunStore; mayFinish: boolean }) {
  return (
    <div className={cardClass}>
      <EmptyState
        icon="check"
        title={t('adjust.balanced')}
        action={
          mayFinish && (
            <Button onClick={() => void act(store, { type: 'finish_adjusting' })}>{t('adjust.finish')}</Button>
          )
        }
      >
        {t('adjust.balancedText')}
      </EmptyState>
    </div>
  )
}

interface MineProps {
  store: RunStore
  item: UnbalancedItem
  bounds: Bounds
  answer: AdjustmentsView
}

function MyPart({ store, item, bounds, answer }: MineProps) {
  const product = useShown(store, ({ view }) => view.products.find((p) => p.product_id === item.product_id))
  const [chosen, setChosen] = useState<number>()
  if (product === undefined) return null
  const { unit } = product
  const [min, max, now] = [milli(bounds.min), milli(bounds.max), milli(bounds.quantity)]
  const fair = fairPart(answer.policies, answer.policy, item.product_id, bounds.user_id)
  const at = Math.min(max, Math.max(min, chosen ?? now))
  const take = (thousandths: number) => {
    setChosen(undefined)
    void act(store, { type: 'place_bid', product_id: item.product_id, quantity: wire(thousandths) })
  }
  return (
    <section className={cardClass}>
      <ItemHead product={product} item={item} />
      <p className={styles.among}>{among(item, product)}</p>
      <label className={styles.slider}>
        <span>{t('adjust.take')}</span>
        <output className={styles.big}>{quantity(at, unit)}</output>
        <input
          type="range"
          min={min}
          max={max}
          step={milli(product.step)}
          value={at}
          onChange={(event) => setChosen(Number(event.target.value))}
          aria-valuetext={quantity(at, unit)}
        />
        <span className={styles.ends}>
          <span>{quantity(min, unit)}</span>
          <span>{quantity(max, unit)}</span>
        </span>
      </label>
      <div className={styles.actions}>
        {at !== now && at !== fair && (
          <Button kind="soft" onClick={() => take(at)}>
            {t('adjust.choose', { amount: quantity(at, unit) })}
          </Button>
        )}
        {fair === now && at === now && <p className={styles.quiet}>{t('adjust.fair')}</p>}
        {fair !== now && fair >= min && fair <= max && (
          <Button icon="scales" onClick={() => take(fair)}>
            {t('adjust.accept', { amount: quantity(fair, unit) })}
          </Button>
        )}
      </div>
    </section>
  )
}

function Others({ store, items }: { store: RunStore; items: UnbalancedItem[] }) {
  return (
    <Card title={t('adjust.others')} count={items.length}>
      <p className={styles.quiet}>{t('adjust.othersText')}</p>
      <ul className={styles.rows}>
        {items.map((item) => (
          <OpenItem key={item.product_id} store={store} item={item} />
        ))}
      </ul>
    </Card>
  )
}

function OpenItem({ store, item }: { store: RunStore; item: UnbalancedItem }) {
  const product = useShown(store, ({ view }) => view.products.find((p) => p.product_id === item.product_id))
  if (product === undefined) return null
  return (
    <li>
      <ItemHead product={product} item={item} />
      <p className={styles.quiet}>
        {t('adjust.waiting', { names: list(item.people.map((person) => store.nameOf(person.user_id))) })}
      </p>
    </li>
  )
}

function ItemHead({ product, item }: { product: ProductView; item: UnbalancedItem }) {
  const { unit } = product
  return (
    <div className={styles.head}>
      <div>
        <h3>{product.name}</h3>
        <p className={styles.quiet}>
          {t('adjust.bought', {
            bought: quantity(milli(item.bought), unit),
            wanted: quantity(milli(item.wanted), unit),
          })}
        </p>
      </div>
      <Chip kind="near" icon="scales">
        {item.short
          ? t('adjust.short', { amount: quantity(milli(item.short), unit) })
          : t('adjust.surplus', { amount: quantity(milli(item.surplus ?? '0'), unit) })}
      </Chip>
    </div>
  )
}

function among(item: UnbalancedItem, { unit }: ProductView): string {
  const amount = quantity(milli(item.short ?? item.surplus ?? '0'), unit)
  return t(item.short ? 'adjust.shortAmong' : 'adjust.surplusAmong', { amount, n: item.people.length })
}

/** What the group's rule would give this person of this product, in thousandths. */
export function fairPart(policies: PolicyPreview[], policy: string, product: string, user: string): number {
  const shares = policies.find((preview) => preview.policy === policy)?.shares ?? []
  const mine = shares.find((share) => share.product_id === product && share.user_id === user)
  return milli(mine?.quantity ?? '0')
}
