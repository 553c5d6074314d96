import { useDeferredValue } from 'react'
import { t } from '../../i18n'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { Button } from '../../ui/Button'
import { cardClass, EmptyState, Heading } from '../../ui/Cards'
import type { Chosen } from './BidSheet'
import { ProductCard } from './ProductCard'
import styles from './Run.module.css'

/** More than a phone shows at once. The others are painted after these, a few at a time. */
const FIRST = 6

interface Props {
  store: RunStore
  me: string
  onOpen(chosen: Chosen): void
  onAdd(): void
}

export function Products({ store, me, onOpen, onAdd }: Props) {
  // One text, so that it is the same as long as the products are.
  const ids = useShown(store, ({ view }) => view.products.map((p) => p.product_id).join(' ')) ?? ''
  // While adjusting one moves within bounds, which the panel above knows.
  const mayBid =
    useShown(store, ({ view }) => view.state !== 'adjusting' && view.viewer?.may.includes('place_bid')) ?? false
  const count = ids === '' ? 0 : ids.split(' ').length
  const products = useDeferredValue(ids, ids.split(' ', FIRST).join(' ')).split(' ').filter(Boolean)
  const add = (
    <Button icon="plus" onClick={onAdd}>
      {t('run.addProduct')}
    </Button>
  )
  return (
    <section className={styles.products}>
      <Heading count={count}>{t('run.products')}</Heading>
      {count === 0 && (
        <div className={cardClass}>
          <EmptyState icon="basket" title={t('run.empty')} action={mayBid && add}>
            {t(mayBid ? 'run.emptyText' : 'run.emptyOver')}
          </EmptyState>
        </div>
      )}
      <ul className={styles.cards}>
        {products.map((id) => (
          <ProductCard key={id} store={store} me={me} id={id} mayBid={mayBid} onOpen={onOpen} />
        ))}
      </ul>
      {count > 0 && mayBid && (
        <p style={{ marginTop: 12 }}>
          <Button kind="quiet" icon="plus" wide onClick={onAdd}>
            {t('run.addProduct')}
          </Button>
        </p>
      )}
    </section>
  )
}
