import { t } from '../../i18n'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { Button } from '../../ui/Button'
import { cardClass, EmptyState, Heading } from '../../ui/Cards'
import { useInPieces } from '../../ui/pieces'
import type { Chosen } from './BidSheet'
import { ProductCard } from './ProductCard'
import styles from './Run.module.css'

/** What a phone shows of them at once. */
const FIRST = 2
const MORE = 2

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
  const products = ids.split(' ').filter(Boolean)
  const count = products.length
  const shown = useInPieces(count, FIRST, MORE)
  const add = (
    <Button icon="plus" onClick={onAdd}>
      {t('run.addProduct')}
    </Button>
  )
  return (
    <section className={styles.products} aria-busy={shown < count}>
      <Heading count={count}>{t('run.products')}</Heading>
      {count === 0 && (
        <div className={cardClass}>
          <EmptyState icon="basket" title={t('run.empty')} action={mayBid && add}>
            {t(mayBid ? 'run.emptyText' : 'run.emptyOver')}
          </EmptyState>
        </div>
      )}
      <ul className={styles.cards}>
        {products.slice(0, shown).map((id) => (
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
