import { useState } from 'react'
import { Link } from 'wouter'
import { getProductsProduct, getProductsProductMembers, getProductsProductPrices } from '../../api/gen/operations.gen'
import type { CatalogueProduct, PriceObservation } from '../../api/gen/types.gen'
import { t } from '../../i18n'
import { day, milli, money, quantity, unit } from '../../i18n/format'
import { Chip } from '../../ui/Badges'
import { Button, IconButton } from '../../ui/Button'
import { Card, EmptyState, ErrorCard, Skeleton } from '../../ui/Cards'
import { Icon } from '../../ui/Icon'
import { Page } from '../../ui/Page'
import rows from '../../ui/Rows.module.css'
import { AddToRun } from './AddToRun'
import { byStore } from './by-store'
import styles from './Catalogue.module.css'
import { PriceChart } from './PriceChart'
import { ProductSheet } from './ProductSheet'
import { useCurrency } from './useCurrency'

export default function ProductPage({ params }: { params: { product: string } }) {
  const path = { product: params.product }
  const product = getProductsProduct.use({ path })
  const [open, setOpen] = useState<'edit' | 'add'>()
  const close = () => setOpen(undefined)
  if (!product.data) {
    return (
      <Page title={t(product.error ? 'error.notFound' : 'loading')} back="/search" narrow>
        {product.error ? (
          <ErrorCard error={product.error} onRetry={() => void product.refetch()} />
        ) : (
          <Skeleton heights={[90, 280, 160]} />
        )}
      </Page>
    )
  }
  const { name, brand } = product.data
  return (
    <Page
      title={name}
      under={brand ?? undefined}
      back="/search"
      actions={<IconButton icon="edit" label={t('product.edit')} onClick={() => setOpen('edit')} />}
      bar={
        <Button icon="plus" wide onClick={() => setOpen('add')}>
          {t('product.addToRun')}
        </Button>
      }
    >
      <div className={rows.columns}>
        <div className={rows.column}>
          <Prices product={product.data} />
        </div>
        <div className={rows.column}>
          <About product={product.data} />
          {product.data.is_family && <Members family={product.data.id} />}
        </div>
      </div>
      {open === 'edit' && <ProductSheet product={product.data} onClose={close} />}
      {open === 'add' && <AddToRun product={product.data} onClose={close} />}
    </Page>
  )
}

function Prices({ product }: { product: CatalogueProduct }) {
  const currency = useCurrency()
  const { data, error, refetch } = getProductsProductPrices.use({
    path: { product: product.id },
    query: { limit: 100 },
  })
  const stores = byStore(data?.items ?? [])
  const [chosen, setChosen] = useState<string>()
  if (error && !data) return <ErrorCard error={error} onRetry={() => void refetch()} />
  if (!data) return <Skeleton heights={[300]} />
  const at = stores.find((store) => store.id === chosen) ?? stores[0]
  if (at === undefined) {
    return (
      <Card title={t('product.prices')}>
        <EmptyState icon="receipt" title={t('product.noPrices')}>
          {t('product.noPricesText')}
        </EmptyState>
      </Card>
    )
  }
  const best = data.items.reduce((low, each) => (each.price < low.price ? each : low))
  return (
    <Card title={t('product.prices')}>
      {stores.length > 1 && (
        <fieldset className={styles.tabs}>
          <legend className="hidden">{t('product.atStore')}</legend>
          {stores.map((store) => (
            <button key={store.id} type="button" aria-pressed={store === at} onClick={() => setChosen(store.id)}>
              {store.name}
            </button>
          ))}
        </fieldset>
      )}
      <PriceChart observations={at.observations} currency={currency} unit={product.unit} />
      <p className={styles.bestLine}>
        <i />{' '}
        {t('product.best', { price: money(best.price, currency), store: best.store_name, day: day(best.observed_at) })}
      </p>
      <Table observations={data.items} product={product} currency={currency} />
    </Card>
  )
}

interface TableProps {
  observations: readonly PriceObservation[]
  product: CatalogueProduct
  currency: string
}

function Table({ observations, product, currency }: TableProps) {
  return (
    <details className={styles.fold}>
      <summary>{t('product.asTable')}</summary>
      <div className={styles.scroll}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t('product.day')}</th>
              <th scope="col">{t('run.store')}</th>
              <th scope="col">{t('product.price')}</th>
            </tr>
          </thead>
          <tbody>
            {observations.map((seen) => (
              <tr key={`${seen.store_id}${seen.observed_at}`}>
                <th scope="row">{day(seen.observed_at)}</th>
                <td>
                  <Link href={`/stores/${seen.store_id}`}>{seen.store_name}</Link>
                  {seen.pack && ` · ${quantity(milli(seen.pack), product.unit)}`}
                </td>
                <td>{money(seen.price, currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}

function About({ product }: { product: CatalogueProduct }) {
  const { aliases, tags, family_id, verified, step } = product
  const others = [...(aliases.en ?? []), ...(aliases.ru ?? []), ...(aliases.sr ?? [])]
  return (
    <Card title={t('product.about')}>
      <dl className={rows.sums}>
        <div>
          <dt>{t('run.productUnit')}</dt>
          <dd>{unit(product.unit)}</dd>
        </div>
        <div>
          <dt>{t('product.step')}</dt>
          <dd>{quantity(milli(step), product.unit)}</dd>
        </div>
      </dl>
      <ul className={rows.rows}>
        {others.length > 0 && (
          <li>
            <span className={rows.what}>
              <small>{t('product.aliases')}</small>
              {others.join(', ')}
            </span>
          </li>
        )}
        {family_id && (
          <li>
            <Link className={rows.link} href={`/products/${family_id}`}>
              <Icon name="basket" />
              <span className={rows.what}>{t('product.family')}</span>
              <Icon name="arrow" size={18} />
            </Link>
          </li>
        )}
      </ul>
      <p className={styles.chips}>
        {product.is_family && <Chip>{t('product.isFamily')}</Chip>}
        {verified && (
          <Chip kind="ok" icon="check">
            {t('product.verified')}
          </Chip>
        )}
        {tags.map((tag) => (
          <Chip key={tag}>{tag}</Chip>
        ))}
      </p>
    </Card>
  )
}

function Members({ family }: { family: string }) {
  const { data, error, refetch } = getProductsProductMembers.use({ path: { product: family } })
  if (error && !data) return <ErrorCard error={error} onRetry={() => void refetch()} />
  if (!data) return <Skeleton heights={[120]} />
  return (
    <Card title={t('product.members')} count={data.items.length}>
      <ul className={rows.rows}>
        {data.items.map(({ id, name, brand }) => (
          <li key={id}>
            <Link className={rows.link} href={`/products/${id}`}>
              <span className={rows.what}>
                <b>{name}</b>
                {brand && <small>{brand}</small>}
              </span>
              <Icon name="arrow" size={18} />
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  )
}
