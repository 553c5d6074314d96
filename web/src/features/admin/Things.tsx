import { type ReactNode, useState } from 'react'
import { Link } from 'wouter'
import {
  deleteAdminProductsProduct,
  deleteAdminStoresStore,
  getAdminProducts,
  getAdminStores,
  getProducts,
  getStores,
  patchAdminProductsProduct,
  patchAdminStoresStore,
  postAdminProductsProductMerge,
  postAdminStoresStoreMerge,
} from '../../api/gen/operations.gen'
import type { PatchThing } from '../../api/gen/types.gen'
import { usePages } from '../../api/pages'
import { t } from '../../i18n'
import { unit } from '../../i18n/format'
import { Chip } from '../../ui/Badges'
import { Entry } from '../../ui/Entry'
import { Check } from '../../ui/Field'
import { Icon } from '../../ui/Icon'
import rows from '../../ui/Rows.module.css'
import { Danger, Sheet } from '../../ui/Sheet'
import styles from './Admin.module.css'
import { done } from './done'
import { Found } from './Found'

const PAGE = 40

/** A store or a product, as an admin sees it. */
interface Thing {
  id: string
  name: string
  /** Chain or brand, unit. */
  said: string
  verified: boolean
  disabled?: boolean
}

/** What an admin does with one kind of thing. */
interface Kind {
  title: 'admin.stores' | 'admin.products'
  route: string
  href(id: string): string
  /** What is found; or everything whose name begins so, also what is out of use. */
  list(
    q: string,
    all: boolean,
    cursor: string | undefined,
    signal: AbortSignal,
  ): Promise<{ items: Thing[]; next_cursor: string | null }>
  change(id: string, to: PatchThing): Promise<unknown>
  merge(id: string, into: string): Promise<unknown>
  remove(id: string): Promise<unknown>
}

const STORES: Kind = {
  title: 'admin.stores',
  route: getStores.route,
  href: (id) => `/stores/${id}`,
  list: async (q, all, cursor, signal) => {
    const page = await (all ? getAdminStores : getStores).call({
      query: { limit: PAGE, cursor, q: q || undefined },
      signal,
    })
    return { ...page, items: page.items.map((s) => ({ ...s, said: [s.chain, s.address].filter(Boolean).join(' · ') })) }
  },
  change: (store, body) => patchAdminStoresStore.call({ path: { store }, body }),
  merge: (store, into) => postAdminStoresStoreMerge.call({ path: { store }, body: { into } }),
  remove: (store) => deleteAdminStoresStore.call({ path: { store } }),
}

const PRODUCTS: Kind = {
  title: 'admin.products',
  route: getProducts.route,
  href: (id) => `/products/${id}`,
  list: async (q, all, cursor, signal) => {
    const page = await (all ? getAdminProducts : getProducts).call({
      query: { limit: PAGE, cursor, q: q || undefined },
      signal,
    })
    return {
      ...page,
      items: page.items.map((p) => ({ ...p, said: [p.brand, unit(p.unit)].filter(Boolean).join(' · ') })),
    }
  },
  change: (product, body) => patchAdminProductsProduct.call({ path: { product }, body }),
  merge: (product, into) => postAdminProductsProductMerge.call({ path: { product }, body: { into } }),
  remove: (product) => deleteAdminProductsProduct.call({ path: { product } }),
}

export const Stores = () => <Things kind={STORES} key="stores" />
export const Products = () => <Things kind={PRODUCTS} key="products" />

function Things({ kind }: { kind: Kind }) {
  const [chosen, setChosen] = useState<Thing>()
  return (
    <>
      <List kind={kind} onChoose={setChosen} />
      {chosen && <ThingSheet kind={kind} thing={chosen} onClose={() => setChosen(undefined)} />}
    </>
  )
}

/** Also for choosing what something is the same as. */
function List({ kind, except, onChoose }: { kind: Kind; except?: string; onChoose(thing: Thing): void }) {
  const [q, setQ] = useState('')
  const [all, setAll] = useState(false)
  const pages = usePages([kind.route, 'admin', all, q], ({ cursor, signal }) => kind.list(q, all, cursor, signal))
  return (
    <Found title={t(kind.title)} pages={pages} onSearch={setQ}>
      {except === undefined && (
        <Check label={t('admin.showRetired')} checked={all} onChange={(event) => setAll(event.target.checked)} />
      )}
      <ul className={styles.list} data-one={except !== undefined || undefined}>
        {pages.items
          ?.filter(({ id }) => id !== except)
          .map((thing) => (
            <li key={thing.id}>
              <button type="button" className={rows.link} onClick={() => onChoose(thing)}>
                <span className={rows.what}>
                  <b>{thing.name}</b>
                  <small>{thing.said}</small>
                </span>
                {thing.verified && (
                  <Chip kind="ok" icon="check">
                    {t('product.verified')}
                  </Chip>
                )}
                {thing.disabled && <Chip kind="bad">{t('admin.retired')}</Chip>}
                <Icon name="arrow" size={18} />
              </button>
            </li>
          ))}
      </ul>
    </Found>
  )
}

interface SheetProps {
  kind: Kind
  thing: Thing
  onClose(): void
}

type Next = { act: 'merge'; into?: Thing } | { act: 'remove' } | { act: 'retire' }

function ThingSheet({ kind, thing, onClose }: SheetProps) {
  const [next, setNext] = useState<Next>()
  const act = (send: () => Promise<unknown>) => {
    onClose()
    void done([kind.route], send)
  }
  if (next?.act === 'remove') {
    return (
      <Ask name={thing.name} does="remove" onKeep={onClose} onAct={() => act(() => kind.remove(thing.id))}>
        {t('admin.removeThingText')}
      </Ask>
    )
  }
  if (next?.act === 'retire') {
    const retire = () => kind.change(thing.id, { disabled: true })
    return (
      <Ask name={thing.name} does="retire" onKeep={onClose} onAct={() => act(retire)}>
        {t('admin.retireThingText')}
      </Ask>
    )
  }
  if (next?.act === 'merge' && next.into) {
    const { id, name } = next.into
    return (
      <Ask name={thing.name} does="merge" onKeep={onClose} onAct={() => act(() => kind.merge(thing.id, id))}>
        {t('admin.mergeText', { from: thing.name, into: name })}
      </Ask>
    )
  }
  if (next?.act === 'merge') {
    return (
      <Sheet title={t('admin.mergeInto', { name: thing.name })} onClose={onClose}>
        <List kind={kind} except={thing.id} onChoose={(into) => setNext({ act: 'merge', into })} />
      </Sheet>
    )
  }
  return (
    <Sheet title={thing.name} onClose={onClose}>
      <ul className={rows.rows}>
        <li>
          <Link className={rows.link} href={kind.href(thing.id)}>
            <Icon name="arrow" /> {t('admin.look')}
          </Link>
        </li>
        <Entry
          icon={thing.verified ? 'undo' : 'check'}
          text={t(thing.verified ? 'admin.unverify' : 'admin.verify')}
          onClick={() => act(() => kind.change(thing.id, { verified: !thing.verified }))}
        />
        {thing.disabled ? (
          <Entry
            icon="undo"
            text={t('admin.restore')}
            onClick={() => act(() => kind.change(thing.id, { disabled: false }))}
          />
        ) : (
          <Entry icon="cancel" text={t('admin.retire')} danger onClick={() => setNext({ act: 'retire' })} />
        )}
        <Entry icon="swap" text={t('admin.merge')} onClick={() => setNext({ act: 'merge' })} />
        <Entry icon="trash" text={t('action.remove')} danger onClick={() => setNext({ act: 'remove' })} />
      </ul>
    </Sheet>
  )
}

interface AskProps {
  name: string
  does: 'merge' | 'remove' | 'retire'
  onKeep(): void
  onAct(): void
  children: ReactNode
}

function Ask({ name, does, onKeep, onAct, children }: AskProps) {
  return (
    <Danger
      title={t(`admin.${does}Title`, { name })}
      act={t(does === 'remove' ? 'action.remove' : `admin.${does}`)}
      text={children}
      onKeep={onKeep}
      onAct={onAct}
    />
  )
}
