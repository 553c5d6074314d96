import { useDeferredValue, useState } from 'react'
import { getProducts, getStoresStoreProducts, postProducts } from '../../api/gen/operations.gen'
import type { CatalogueProduct, StoreProduct, Unit } from '../../api/gen/types.gen'
import { complain } from '../../api/problems'
import { queries } from '../../api/queries'
import { t } from '../../i18n'
import { money, unit } from '../../i18n/format'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { Button } from '../../ui/Button'
import { Skeleton } from '../../ui/Cards'
import { Input } from '../../ui/Field'
import { Icon } from '../../ui/Icon'
import { Sheet } from '../../ui/Sheet'
import { UnitSelect } from '../catalogue/UnitSelect'
import type { Chosen } from './BidSheet'
import styles from './Run.module.css'

interface Props {
  store: RunStore
  onClose(): void
  onChoose(chosen: Chosen): void
}

/** What the store has first, then the whole catalogue, then a new product. */
export default function AddProduct({ store, onClose, onChoose }: Props) {
  const [text, setText] = useState('')
  const [isNew, setNew] = useState(false)
  if (isNew) return <NewProduct name={text} onClose={onClose} onChoose={onChoose} />
  return (
    <Sheet title={t('run.addTitle')} onClose={onClose}>
      <Input
        label={t('run.addSearch')}
        type="search"
        value={text}
        onChange={(event) => setText(event.target.value)}
        autoFocus
      />
      <Found store={store} text={text} onChoose={onChoose} />
      {text.trim().length > 1 && (
        <button type="button" className={styles.pick} onClick={() => setNew(true)}>
          <Icon name="plus" />
          <span>{t('run.addNew', { name: text.trim() })}</span>
        </button>
      )}
    </Sheet>
  )
}

function Found({ store, text, onChoose }: { store: RunStore; text: string; onChoose(chosen: Chosen): void }) {
  const shop = useShown(store, ({ view }) => view.store_id) ?? ''
  const name = useShown(store, ({ view }) => view.store_name) ?? ''
  const currency = useShown(store, ({ view }) => view.currency) ?? 'EUR'
  const q = useDeferredValue(text.trim())
  const here = getStoresStoreProducts.use({ path: { store: shop }, query: { limit: 100 } })
  const anywhere = getProducts.use(
    { query: { limit: 20, q } },
    { enabled: q.length > 1, placeholderData: (before) => before },
  )
  if (here.isPending) return <Skeleton heights={[56, 56, 56]} />
  const sold = (here.data?.items ?? []).filter(({ product }) => matches(product, q))
  const known = new Set((here.data?.items ?? []).map(({ product }) => product.id))
  const others = q.length > 1 ? (anywhere.data?.items ?? []).filter((product) => !known.has(product.id)) : []
  return (
    <>
      {sold.length > 0 && <h3 className={styles.sub}>{t('run.addHere', { store: name })}</h3>}
      <div className={styles.picks}>
        {sold.map((row) => (
          <Pick
            key={row.product.id}
            product={row.product}
            price={row.price == null ? undefined : money(row.price, currency)}
            onClick={() => onChoose(chosenFromStore(row))}
          />
        ))}
      </div>
      {others.length > 0 && <h3 className={styles.sub}>{t('run.addOther')}</h3>}
      <div className={styles.picks}>
        {others.map((product) => (
          <Pick key={product.id} product={product} onClick={() => onChoose(chosenFrom(product))} />
        ))}
      </div>
      {sold.length + others.length === 0 && <p className={styles.hint}>{t('run.addNone')}</p>}
    </>
  )
}

function matches(product: CatalogueProduct, q: string): boolean {
  return `${product.name} ${product.brand ?? ''}`.toLowerCase().includes(q.toLowerCase())
}

function Pick({ product, price, onClick }: { product: CatalogueProduct; price?: string; onClick(): void }) {
  return (
    <button type="button" className={styles.pick} onClick={onClick}>
      <span>
        {product.name}
        {product.brand && <small>{product.brand}</small>}
      </span>
      {price && (
        <span className={styles.price} style={{ flex: 'none' }}>
          {price} <small style={{ display: 'inline' }}>{t('run.per', { unit: unit(product.unit) })}</small>
        </span>
      )}
    </button>
  )
}

function chosenFrom(product: CatalogueProduct): Chosen {
  return {
    product_id: product.id,
    name: product.name,
    unit: product.unit,
    step: product.step,
    price: undefined,
    pack: undefined,
  }
}

function chosenFromStore({ product, price, pack }: StoreProduct): Chosen {
  return { ...chosenFrom(product), price: price ?? undefined, pack: pack ?? undefined }
}

function NewProduct({ name, onClose, onChoose }: { name: string; onClose(): void; onChoose(chosen: Chosen): void }) {
  const [busy, setBusy] = useState(false)
  const create = async (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setBusy(true)
    try {
      const product = await postProducts.call({
        body: { name: String(form.get('name')).trim(), unit: form.get('unit') as Unit },
      })
      await queries.invalidateQueries({ queryKey: [getProducts.route] })
      onChoose(chosenFrom(product))
    } catch (error) {
      complain(error)
      setBusy(false)
    }
  }
  return (
    <Sheet title={t('run.addNewTitle')} onClose={onClose}>
      <form className={styles.form} onSubmit={create}>
        <Input label={t('run.productName')} name="name" defaultValue={name.trim()} maxLength={100} required autoFocus />
        <UnitSelect />
        <Button type="submit" disabled={busy} wide>
          {t('action.add')}
        </Button>
      </form>
    </Sheet>
  )
}
