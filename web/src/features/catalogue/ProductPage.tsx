import { lazy, Suspense, useState } from 'react'
import { Link } from 'wouter'
import { getProductsProduct, getProductsProductMembers, getProductsProductPrices } from '../../api/gen/operations.gen'
import type { CatalogueProduct, PriceObservation } from '../../api/gen/types.gen'
import { complain } from '../../api/problems'
import { t } from '../../i18n'
import { day, milli, money, quantity, unit } from '../../i18n/format'
import { Chip } from '../../ui/Badges'
import { Button, IconButton } from '../../ui/Button'
import { Card, EmptyState, ErrorCard, Skeleton } from '../../ui/Cards'
import { Icon } from '../../ui/Icon'
import { Page } from '../../ui/Page'
import rows from '../../ui/Rows.module.css'
import { toast } from '../../ui/toasts'
import { AddToRun } from './AddToRun'
import { byStore } from './by-store'
import styles from './Catalogue.module.css'
import { putInto } from './family'
import { PriceChart } from './PriceChart'
import { ProductSheet } from './ProductSheet'
import { useCurrency } from './useCurrency'

const FamilySheet = lazy(() => import('./FamilySheet'))

export default function ProductPage({ params }: { params: { product: string } }) {
  const path = { product: params.product }
  const product = getProductsProduct.use({ path })
  const [open, setOpen] = useState<'edit' | 'add' | 'family'>()
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
          {product.data.is_family ? (
            <Members family={product.data.id} onAdd={() => setOpen('family')} />
          ) : (
            <Family product={product.data} onChoose={() => setOpen('family')} />
          )}
        </div>
      </div>
      {open === 'edit' && <ProductSheet product={product.data} onClose={close} />}
      {open === 'add' && <AddToRun product={product.data} onClose={close} />}
      {open === 'family' && (
        <Suspense>
          <FamilySheet product={product.data} onClose={close} />
        </Suspense>
      )}
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
  const { aliases, tags, verified, step } = product
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
      {others.length > 0 && (
        <p className={rows.what}>
          <small>{t('product.aliases')}</small>
          {others.join(', ')}
        </p>
      )}
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

interface FamilyProps {
  product: CatalogueProduct
  onChoose(): void
}

/** Which family the product belongs to, if any. */
function Family({ product, onChoose }: FamilyProps) {
  const { family_id } = product
  const family = getProductsProduct.use({ path: { product: family_id ?? '' } }, { enabled: family_id != null })
  if (family_id == null) {
    return (
      <Card title={t('product.family')}>
        <p className={rows.quiet}>{t('family.nameHint')}</p>
        <div className={rows.buttons}>
          <Button kind="quiet" size="small" icon="plus" onClick={onChoose}>
            {t('family.into')}
          </Button>
        </div>
      </Card>
    )
  }
  return (
    <Card title={t('product.family')}>
      <ul className={rows.rows}>
        <li>
          <Link className={rows.link} href={`/products/${family_id}`}>
            <Icon name="basket" />
            <span className={rows.what}>
              <b>{family.data?.name ?? t('loading')}</b>
            </span>
            <Icon name="arrow" size={18} />
          </Link>
        </li>
      </ul>
      <div className={rows.buttons}>
        <Button kind="quiet" size="small" icon="swap" onClick={onChoose}>
          {t('family.change')}
        </Button>
        <Button kind="quiet" size="small" icon="minus" onClick={() => void takeOut(product)}>
          {t('family.takeOut')}
        </Button>
      </div>
    </Card>
  )
}

async function takeOut(product: CatalogueProduct): Promise<void> {
  try {
    await putInto(product, null)
    toast(t('family.taken', { product: product.name }))
  } catch (error) {
    complain(error)
  }
}

function Members({ family, onAdd }: { family: string; onAdd(): void }) {
  const { data, error, refetch } = getProductsProductMembers.use({ path: { product: family }, query: { limit: 100 } })
  if (error && !data) return <ErrorCard error={error} onRetry={() => void refetch()} />
  if (!data) return <Skeleton heights={[120]} />
  return (
    <Card title={t('product.members')} count={data.items.length}>
      {data.items.length === 0 && (
        <EmptyState icon="basket" title={t('family.empty')}>
          {t('family.emptyText')}
        </EmptyState>
      )}
      <ul className={rows.rows}>
        {data.items.map((member) => (
          <li key={member.id} className={styles.member}>
            <Link className={rows.link} href={`/products/${member.id}`}>
              <span className={rows.what}>
                <b>{member.name}</b>
                {member.brand && <small>{member.brand}</small>}
              </span>
            </Link>
            <IconButton
              icon="minus"
              label={t('family.takeOutOf', { product: member.name })}
              onClick={() => void takeOut(member)}
            />
          </li>
        ))}
      </ul>
      <div className={rows.buttons}>
        <Button kind="quiet" size="small" icon="plus" onClick={onAdd}>
          {t('family.addMember')}
        </Button>
      </div>
    </Card>
  )
}
