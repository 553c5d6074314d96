import { lazy, Suspense, useState } from 'react'
import { t, withLater } from '../../i18n'
import { milli, money, quantity } from '../../i18n/format'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { Avatar, Chip } from '../../ui/Badges'
import { Button } from '../../ui/Button'
import { Card, cardClass, Skeleton } from '../../ui/Cards'
import { Confirm } from '../../ui/Sheet'
import { act } from './act'
import { GoodsRow } from './GoodsRow'
import { type Goods, goodsOf, progress, shareOf, takersOf, waits } from './handing-out'
import styles from './Settling.module.css'
import { WeighSheet } from './WeighSheet'

const Settlement = lazy(() => withLater(import('./Settlement')))

interface Props {
  store: RunStore
  me: string
}

/** My box first; who hands out goes through the people or the products. */
export default function Handout({ store, me }: Props) {
  const mayHand = useShown(store, ({ view }) => view.viewer?.may.includes('pick_up')) ?? false
  return (
    <div className={styles.stack}>
      <MyBox store={store} me={me} />
      {mayHand && <Boxes store={store} />}
      <Shrink store={store} />
      <Suspense fallback={<Skeleton heights={[160]} />}>
        <Settlement store={store} me={me} />
      </Suspense>
    </div>
  )
}

function MyBox({ store, me }: Props) {
  const products = useShown(store, ({ view }) => view.products) ?? []
  const currency = useShown(store, ({ view }) => view.currency) ?? 'EUR'
  const mine = goodsOf(products, me)
  if (mine.length === 0) {
    return (
      <Card title={t('hand.mine')}>
        <p className={styles.quiet}>{t('hand.nothing')}</p>
      </Card>
    )
  }
  return (
    <section className={cardClass}>
      <div className={styles.boxHead}>
        <h2>{t('hand.mine')}</h2>
        <strong>{money(shareOf(mine), currency)}</strong>
      </div>
      <ul className={styles.lines}>
        {mine.map((goods) => (
          <li key={goods.product.product_id} className={styles.goods} data-taken={!waits(goods)}>
            <span className={styles.what}>
              <span>{goods.product.name}</span>
              <small>
                {money(goods.allocation.share, currency)}
                {goods.wished !== goods.received &&
                  ` · ${t('hand.wished', { amount: quantity(goods.wished, goods.product.unit) })}`}
              </small>
            </span>
            <TakenChip goods={goods} />
            <span className={styles.amount}>{quantity(goods.received, goods.product.unit)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function TakenChip({ goods }: { goods: Goods }) {
  const { taken } = goods.allocation
  if (taken == null) return goods.received > 0 ? <Chip kind="near">{t('hand.waiting')}</Chip> : null
  return (
    <Chip kind="ok" icon="check">
      {t(taken === 'picked_up' ? 'hand.picked' : 'hand.left')}
    </Chip>
  )
}

type By = 'person' | 'product'

function Boxes({ store }: { store: RunStore }) {
  const [by, setBy] = useState<By>('person')
  const [weighing, setWeighing] = useState<Goods>()
  const products = useShown(store, ({ view }) => view.products) ?? []
  const people = useShown(store, ({ view }) => view.participants) ?? []
  const { done, all } = progress(products)
  return (
    <>
      <section className={`${cardClass} ${styles.progress}`}>
        <span>{t('hand.progress', { n: done, of: all })}</span>
        <div className={styles.bar} aria-hidden="true">
          <i style={{ width: `${all === 0 ? 0 : (100 * done) / all}%` }} />
        </div>
        {done === all && <Complete store={store} />}
      </section>
      <fieldset className={styles.segments}>
        <legend className="hidden">{t('hand.view')}</legend>
        {(['person', 'product'] as const).map((each) => (
          <button key={each} type="button" aria-pressed={by === each} onClick={() => setBy(each)}>
            {t(each === 'person' ? 'hand.byPerson' : 'hand.byProduct')}
          </button>
        ))}
      </fieldset>
      {by === 'person'
        ? people.map(({ user_id, name }) => (
            <PersonBox
              key={user_id}
              store={store}
              user={user_id}
              name={name}
              goods={goodsOf(products, user_id)}
              onWeigh={setWeighing}
            />
          ))
        : products.map((product) => (
            <ProductBox key={product.product_id} store={store} goods={takersOf(product)} onWeigh={setWeighing} />
          ))}
      {weighing && (
        <WeighSheet
          key={`${weighing.product.product_id}${weighing.allocation.user_id}`}
          store={store}
          user={weighing.allocation.user_id}
          product={weighing.product.product_id}
          onNext={setWeighing}
          onClose={() => setWeighing(undefined)}
        />
      )}
    </>
  )
}

/** All is out: the last step, and what it means. */
function Complete({ store }: { store: RunStore }) {
  const mayComplete = useShown(store, ({ view }) => view.viewer?.may.includes('complete')) ?? false
  const [asking, setAsking] = useState(false)
  if (!mayComplete) return <p className={styles.quiet}>{t('hand.done')}</p>
  return (
    <>
      <Button icon="check" wide onClick={() => setAsking(true)}>
        {t('hand.complete')}
      </Button>
      {asking && (
        <Confirm
          title={t('hand.completeTitle')}
          keep={t('hand.notYet')}
          act={t('hand.complete')}
          onKeep={() => setAsking(false)}
          onAct={() => {
            setAsking(false)
            void act(store, { type: 'complete' })
          }}
        >
          <p>{t('hand.completeText')}</p>
        </Confirm>
      )}
    </>
  )
}

interface BoxProps {
  store: RunStore
  goods: Goods[]
  onWeigh(goods: Goods): void
}

function PersonBox({ store, user, name, goods, onWeigh }: BoxProps & { user: string; name: string }) {
  const currency = useShown(store, ({ view }) => view.currency) ?? 'EUR'
  if (goods.length === 0) return null
  const waiting = goods.filter(waits)
  const somethingTaken = goods.some(({ allocation }) => allocation.taken != null)
  return (
    <section className={cardClass} aria-label={name}>
      <div className={styles.person}>
        <Avatar id={user} name={name} size={44} />
        <span>{name}</span>
        <strong>{money(shareOf(goods), currency)}</strong>
      </div>
      <ul className={styles.lines}>
        {goods.map((each) => (
          <GoodsRow key={each.product.product_id} store={store} goods={each} says="product" onWeigh={onWeigh} />
        ))}
      </ul>
      <div className={styles.actions}>
        {waiting.length > 0 && (
          <>
            <Button
              kind="quiet"
              size="small"
              onClick={() => void act(store, { type: 'left_with_leader', user_id: user })}
            >
              {t('hand.leave')}
            </Button>
            <Button
              size="small"
              icon="check"
              aria-label={t('hand.allOf', { name })}
              onClick={() => void act(store, { type: 'pick_up', user_id: user })}
            >
              {t('hand.all')}
            </Button>
          </>
        )}
        {waiting.length === 0 && somethingTaken && (
          <Button
            kind="quiet"
            size="small"
            icon="undo"
            onClick={() => void act(store, { type: 'undo_pick_up', user_id: user })}
          >
            {t('hand.undoAll')}
          </Button>
        )}
      </div>
    </section>
  )
}

function ProductBox({ store, goods, onWeigh }: BoxProps) {
  const product = goods[0]?.product
  if (product === undefined) return null
  const received = goods.reduce((sum, each) => sum + each.received, 0)
  return (
    <section className={cardClass} aria-label={product.name}>
      <div className={styles.head}>
        <h3>{product.name}</h3>
        <span className={styles.quiet}>
          {t('hand.total', {
            received: quantity(received, product.unit),
            bought: quantity(milli(product.item?.bought ?? '0'), product.unit),
          })}
        </span>
      </div>
      <ul className={styles.lines}>
        {goods.map((each) => (
          <GoodsRow key={each.allocation.user_id} store={store} goods={each} says="person" onWeigh={onWeigh} />
        ))}
      </ul>
    </section>
  )
}

/** What nobody got is not hidden: those who got the rest pay for it. */
function Shrink({ store }: { store: RunStore }) {
  const products = useShown(store, ({ view }) => view.products) ?? []
  const lost = products.filter(({ item }) => milli(item?.shrink ?? '0') > 0)
  if (lost.length === 0) return null
  return (
    <Card title={t('hand.shrink')}>
      <p className={styles.quiet}>{t('hand.shrinkText')}</p>
      <ul className={styles.lines}>
        {lost.map(({ product_id, name, unit, item }) => (
          <li key={product_id} className={styles.goods}>
            <span className={styles.what}>{name}</span>
            <span className={styles.amount}>{quantity(milli(item?.shrink ?? '0'), unit)}</span>
          </li>
        ))}
      </ul>
    </Card>
  )
}
