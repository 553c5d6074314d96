import { type ReactNode, useState } from 'react'
import { Link } from 'wouter'
import { getSearch } from '../../api/gen/operations.gen'
import type { SearchResults } from '../../api/gen/types.gen'
import { t } from '../../i18n'
import { day, unit } from '../../i18n/format'
import { StateBadge } from '../../ui/Badges'
import { Button } from '../../ui/Button'
import { Card, EmptyState, ErrorCard, Skeleton } from '../../ui/Cards'
import { Input } from '../../ui/Field'
import { Icon } from '../../ui/Icon'
import { Page } from '../../ui/Page'
import rows from '../../ui/Rows.module.css'
import { useSettled } from '../../ui/useSettled'
import { ProductSheet } from './ProductSheet'
import { StoreSheet } from './StoreSheet'

const LEAST = 2

/** One field; what is found comes grouped. The words stay in the address, so that going back finds them again. */
export default function SearchPage() {
  const [typed, setTyped] = useState(() => new URLSearchParams(location.search).get('q') ?? '')
  const [adding, setAdding] = useState<'product' | 'store'>()
  const q = useSettled(typed.trim())
  const type = (text: string) => {
    setTyped(text)
    history.replaceState(
      history.state,
      '',
      text.trim() === '' ? '/search' : `/search?q=${encodeURIComponent(text.trim())}`,
    )
  }
  const close = () => setAdding(undefined)
  return (
    <Page title={t('nav.search')} narrow>
      <search>
        <Input
          label={t('search.label')}
          type="search"
          enterKeyHint="search"
          value={typed}
          onChange={(event) => type(event.target.value)}
          autoFocus
        />
      </search>
      {q.length < LEAST ? (
        <EmptyState icon="search" title={t('search.title')}>
          {t('search.hint')}
        </EmptyState>
      ) : (
        <Results q={q} />
      )}
      <div className={rows.buttons}>
        <Button kind="quiet" size="small" icon="plus" onClick={() => setAdding('product')}>
          {t('search.newProduct')}
        </Button>
        <Button kind="quiet" size="small" icon="plus" onClick={() => setAdding('store')}>
          {t('search.newStore')}
        </Button>
      </div>
      {adding === 'product' && <ProductSheet name={typed.trim()} onClose={close} />}
      {adding === 'store' && <StoreSheet name={typed.trim()} onClose={close} />}
    </Page>
  )
}

function Results({ q }: { q: string }) {
  const { data, error, refetch } = getSearch.use({ query: { q, limit: 10 } }, { placeholderData: (before) => before })
  if (error && !data) return <ErrorCard error={error} onRetry={() => void refetch()} />
  if (!data) return <Skeleton heights={[160, 160]} />
  const all = count(data)
  return (
    <>
      <p className="hidden" role="status">
        {t('search.found', { n: all })}
      </p>
      {all === 0 && (
        <EmptyState icon="search" title={t('search.none', { q })}>
          {t('search.noneText')}
        </EmptyState>
      )}
      <Found title={t('search.runs')} of={data.runs}>
        {data.runs.map((run) => (
          <Hit
            key={run.id}
            href={`/runs/${run.id}`}
            name={run.store_name}
            said={`${run.group_name} · ${day(run.created_at)}`}
          >
            <StateBadge state={run.state} />
          </Hit>
        ))}
      </Found>
      <Found title={t('nav.groups')} of={data.groups}>
        {data.groups.map((group) => (
          <Hit key={group.id} href={`/groups/${group.id}`} name={group.name} />
        ))}
      </Found>
      <Found title={t('run.products')} of={data.products}>
        {data.products.map((product) => (
          <Hit
            key={product.id}
            href={`/products/${product.id}`}
            name={product.name}
            said={[product.brand, unit(product.unit)].filter(Boolean).join(' · ')}
          />
        ))}
      </Found>
      <Found title={t('search.stores')} of={data.stores}>
        {data.stores.map((store) => (
          <Hit
            key={store.id}
            href={`/stores/${store.id}`}
            name={store.name}
            said={[store.chain, store.address].filter(Boolean).join(' · ')}
          />
        ))}
      </Found>
    </>
  )
}

function count({ runs, groups, products, stores }: SearchResults): number {
  return runs.length + groups.length + products.length + stores.length
}

function Found({ title, of, children }: { title: string; of: readonly unknown[]; children: ReactNode }) {
  if (of.length === 0) return null
  return (
    <Card title={title} count={of.length}>
      <ul className={rows.rows}>{children}</ul>
    </Card>
  )
}

function Hit({ href, name, said, children }: { href: string; name: string; said?: string; children?: ReactNode }) {
  return (
    <li>
      <Link className={rows.link} href={href}>
        <span className={rows.what}>
          <b>{name}</b>
          {said && <small>{said}</small>}
        </span>
        {children}
        <Icon name="arrow" size={18} />
      </Link>
    </li>
  )
}
