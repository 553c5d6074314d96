import { getProductsProductPrices } from '../../api/gen/operations.gen'
import type { Unit } from '../../api/gen/types.gen'
import { t } from '../../i18n'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { ErrorCard, Skeleton } from '../../ui/Cards'
import { byStore } from '../catalogue/by-store'
import { PriceChart } from '../catalogue/PriceChart'
import styles from './Run.module.css'

interface Props {
  store: RunStore
  product: string
  unit: Unit
}

/** What a product cost at this run's store, otherwise where it was seen last. */
export default function History({ store, product, unit }: Props) {
  const shop = useShown(store, ({ view }) => view.store_id)
  const currency = useShown(store, ({ view }) => view.currency) ?? 'EUR'
  const { data, error, refetch } = getProductsProductPrices.use({ path: { product }, query: { limit: 100 } })
  if (error && !data) return <ErrorCard error={error} onRetry={() => void refetch()} />
  if (!data) return <Skeleton heights={[240]} />
  const stores = byStore(data.items)
  const at = stores.find(({ id }) => id === shop) ?? stores[0]
  if (at === undefined) return <p className={styles.hint}>{t('product.noPrices')}</p>
  return (
    <>
      <p className={styles.hint}>{at.name}</p>
      <PriceChart observations={at.observations} currency={currency} unit={unit} />
    </>
  )
}
