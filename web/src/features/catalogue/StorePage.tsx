import { useState } from 'react'
import { Link } from 'wouter'
import { getStoresStore, getStoresStoreProducts } from '../../api/gen/operations.gen'
import type { Store, StoreProduct } from '../../api/gen/types.gen'
import { t } from '../../i18n'
import { fromNow, milli, money, quantity, unit } from '../../i18n/format'
import { Chip } from '../../ui/Badges'
import { IconButton } from '../../ui/Button'
import { Card, EmptyState, ErrorCard, Skeleton } from '../../ui/Cards'
import { Input } from '../../ui/Field'
import { Icon } from '../../ui/Icon'
import { Page } from '../../ui/Page'
import rows from '../../ui/Rows.module.css'
import styles from './Catalogue.module.css'
import { ImportSheet } from './ImportSheet'
import { OfferSheet } from './OfferSheet'
import { StoreSheet } from './StoreSheet'
import { useCurrency } from './useCurrency'

export default function StorePage({ params }: { params: { store: string } }) {
  const path = { store: params.store }
  const store = getStoresStore.use({ path })
  const [editing, setEditing] = useState(false)
  if (!store.data) {
    return (
      <Page title={t(store.error ? 'error.notFound' : 'loading')} back="/search" narrow>
        {store.error ? (
          <ErrorCard error={store.error} onRetry={() => void store.refetch()} />
        ) : (
          <Skeleton heights={[120, 300]} />
        )}
      </Page>
    )
  }
  return (
    <Page
      title={store.data.name}
      under={store.data.chain ?? undefined}
      back="/search"
      actions={<IconButton icon="edit" label={t('store.edit')} onClick={() => setEditing(true)} />}
    >
      <div className={rows.columns}>
        <div className={rows.column}>
          <Shelf store={store.data} />
        </div>
        <div className={rows.column}>
          <About store={store.data} />
        </div>
      </div>
      {editing && <StoreSheet store={store.data} onClose={() => setEditing(false)} />}
    </Page>
  )
}

function About({ store }: { store: Store }) {
  const [importing, setImporting] = useState(false)
  const said = (['address', 'hours'] as const).filter((field) => store[field])
  return (
    <Card title={t('store.about')}>
      {said.length === 0 && <p className={rows.quiet}>{t('store.nothing')}</p>}
      <ul className={rows.rows}>
        {said.map((field) => (
          <li key={field}>
            <span className={rows.what}>
              <small>{t(`store.${field}`)}</small>
              {store[field]}
            </span>
          </li>
        ))}
        <li>
          <a className={rows.link} href={`/api/v1/stores/${store.id}/assortment.csv`} download>
            <Icon name="download" /> {t('store.csv')}
          </a>
        </li>
        <li>
          <button type="button" className={rows.link} onClick={() => setImporting(true)}>
            <Icon name="upload" /> {t('store.import')}
          </button>
        </li>
      </ul>
      {store.verified && (
        <p className={styles.chips}>
          <Chip kind="ok" icon="check">
            {t('product.verified')}
          </Chip>
        </p>
      )}
      {importing && <ImportSheet store={store.id} onClose={() => setImporting(false)} />}
    </Card>
  )
}

function Shelf({ store }: { store: Store }) {
  const currency = useCurrency()
  const { data, error, refetch } = getStoresStoreProducts.use({ path: { store: store.id }, query: { limit: 100 } })
  const [typed, setTyped] = useState('')
  const [chosen, setChosen] = useState<StoreProduct>()
  if (error && !data) return <ErrorCard error={error} onRetry={() => void refetch()} />
  if (!data) return <Skeleton heights={[400]} />
  const wanted = typed.trim().toLowerCase()
  const found = data.items.filter(({ product }) =>
    `${product.name} ${product.brand ?? ''}`.toLowerCase().includes(wanted),
  )
  return (
    <Card title={t('store.shelf')} count={data.items.length}>
      {data.items.length === 0 && (
        <EmptyState icon="store" title={t('store.empty')}>
          {t('store.emptyText')}
        </EmptyState>
      )}
      {data.items.length > 8 && (
        <div className={styles.search}>
          <Input
            label={t('run.addSearch')}
            type="search"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </div>
      )}
      <ul className={rows.rows}>
        {found.map((row) => (
          <li key={row.product.id}>
            <Link
              className={`${rows.link} ${rows.what}`}
              href={`/products/${row.product.id}`}
              style={{ display: 'grid', gap: 0 }}
            >
              <b>{row.product.name}</b>
              <small>{offer(row)}</small>
            </Link>
            <span className={styles.price}>
              {row.price == null ? t('run.noPrice') : money(row.price, currency)}
              {row.price != null && <small>{t('run.per', { unit: unit(row.product.unit) })}</small>}
            </span>
            <IconButton
              icon="edit"
              label={t('store.editOffer', { what: row.product.name })}
              onClick={() => setChosen(row)}
            />
          </li>
        ))}
      </ul>
      {found.length === 0 && data.items.length > 0 && <p className={rows.quiet}>{t('run.addNone')}</p>}
      {chosen && <OfferSheet store={store.id} row={chosen} currency={currency} onClose={() => setChosen(undefined)} />}
    </Card>
  )
}

/** In which packs, and how old the news is. */
function offer({ product, pack, minimum, note, updated_at }: StoreProduct): string {
  const said = [
    product.brand,
    pack && t('store.packOf', { amount: quantity(milli(pack), product.unit) }),
    minimum && milli(minimum) > 0 && t('store.atLeast', { amount: quantity(milli(minimum), product.unit) }),
    note,
    // Goes to the next line as a whole.
    fromNow(updated_at).replaceAll(' ', '\u00a0'),
  ]
  return said.filter(Boolean).join(' · ')
}
