import { t } from '../../i18n'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { Button } from '../../ui/Button'
import { cardClass, EmptyState, Heading } from '../../ui/Cards'
import type { Chosen } from './BidSheet'
import { ProductCard } from './ProductCard'
import styles from './Run.module.css'

interface Props {
  store: RunStore
  me: string
  onOpen(chosen: Chosen): void
  onAdd(): void
}

export function Products({ store, me, onOpen, onAdd }: Props) {
  // One text, so that it is the same as long as the products are.
  const ids = useShown(store, ({ view }) => view.products.map((p) => p.product_id).join(' ')) ?? ''
  const mayBid = useShown(store, ({ view }) => view.viewer?.may.includes('place_bid')) ?? false
  const products = ids === '' ? [] : ids.split(' ')
  const add = (
    <Button icon="plus" onClick={onAdd}>
      {t('run.addProduct')}
    </Button>
  )
  return (
    <section className={styles.products}>
      <Heading count={products.length}>{t('run.products')}</Heading>
      {products.length === 0 && (
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
      {products.length > 0 && mayBid && (
        <p style={{ marginTop: 12 }}>
          <Button kind="quiet" icon="plus" wide onClick={onAdd}>
            {t('run.addProduct')}
          </Button>
        </p>
      )}
    </section>
  )
}
