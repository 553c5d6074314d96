import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import type { FamilyMember } from '../../api/gen/types.gen'
import { t } from '../../i18n'
import { amount, list, milli, money, quantity, wire } from '../../i18n/format'
import { useLiveStatus, useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { outbox, tellNeighbours, useOutbox } from '../../offline'
import type { Act } from '../../offline/purchases'
import { Chip } from '../../ui/Badges'
import { Button } from '../../ui/Button'
import { cardClass, EmptyState, Heading } from '../../ui/Cards'
import { Icon } from '../../ui/Icon'
import { toast } from '../../ui/toasts'
import { Conflict } from './Conflict'
import { useFamilies } from './families'
import { PurchaseSheet } from './PurchaseSheet'
import styles from './Shopping.module.css'
import { expectedCost, lineOf, type ShoppingLine, sorted } from './shopping-lines'

const NONE: readonly FamilyMember[] = []
const AddItem = lazy(() => import('./AddItem'))

/** The list in the store: one hand, bad reception. Others see it fill. */
export default function Shopping({ store, me }: { store: RunStore; me: string }) {
  const products = useShown(store, ({ view }) => view.products) ?? []
  const currency = useShown(store, ({ view }) => view.currency) ?? 'EUR'
  const mayBuy = useShown(store, ({ view }) => view.viewer?.may.includes('record_purchase')) ?? false
  const mayAdd = useShown(store, ({ view }) => view.viewer?.may.includes('add_item')) ?? false
  const entries = useOutbox()
  const families = useFamilies(store.id)
  const [opened, setOpened] = useState<string>()
  const mine = useMemo(() => entries.filter((entry) => entry.run === store.id), [entries, store.id])
  const lines = useMemo(() => products.flatMap((product) => lineOf(product, mine) ?? []), [products, mine])
  useEffect(() => {
    for (const { product, changed } of lines) outbox()?.seen(store.id, product.product_id, changed)
  }, [lines, store.id])

  const open = lines.find((line) => line.product.product_id === opened)
  const tap = (line: ShoppingLine, act: Act) => {
    const { product, changed, isBought } = line
    void outbox()
      ?.tap({ user: me, run: store.id, product: product.product_id, act, changed, isBought })
      .then(tellNeighbours)
  }
  if (lines.length === 0) {
    return (
      <div className={cardClass}>
        <EmptyState icon="basket" title={t('shop.empty')} action={mayAdd && <Add store={store} me={me} />} />
      </div>
    )
  }
  const row = (line: ShoppingLine) => (
    <Row
      key={line.product.product_id}
      line={line}
      currency={currency}
      mayBuy={mayBuy}
      isFamily={families.has(line.product.product_id)}
      onTap={(act) => tap(line, act)}
      onOpen={() => setOpened(line.product.product_id)}
    />
  )
  const [todo, done] = [sorted(lines).filter((line) => !line.isBought), sorted(lines).filter((line) => line.isBought)]
  return (
    <div className={styles.stack}>
      <Paid lines={lines} currency={currency} />
      <Waiting count={mine.filter((entry) => entry.committed === undefined && entry.refused === undefined).length} />
      {lines.map(
        (line) =>
          line.refused && (
            <Conflict key={line.refused.commandId} line={line} entry={line.refused} currency={currency} />
          ),
      )}
      <section className={styles.list}>
        <Heading>{todo.length === 0 ? t('shop.allDone') : t('shop.left', { n: todo.length })}</Heading>
        <ul>{todo.map(row)}</ul>
      </section>
      {done.length > 0 && (
        <section className={styles.list}>
          <Heading count={amount(done.length * 1000)}>{t('shop.done')}</Heading>
          <ul>{done.map(row)}</ul>
        </section>
      )}
      {mayAdd && <Add store={store} me={me} />}
      {open && (
        <PurchaseSheet
          store={store}
          me={me}
          line={open}
          members={families.get(open.product.product_id) ?? NONE}
          onTap={(act) => tap(open, act)}
          onClose={() => setOpened(undefined)}
          mayBuy={mayBuy}
        />
      )}
    </div>
  )
}

function Add({ store, me }: { store: RunStore; me: string }) {
  const [adding, setAdding] = useState(false)
  return (
    <>
      <Button kind="quiet" icon="plus" wide onClick={() => setAdding(true)}>
        {t('shop.addItem')}
      </Button>
      <Suspense>{adding && <AddItem store={store} me={me} onClose={() => setAdding(false)} />}</Suspense>
    </>
  )
}

function Paid({ lines, currency }: { lines: ShoppingLine[]; currency: string }) {
  const paid = lines.reduce((sum, line) => sum + line.total, 0)
  const expected = lines.reduce((sum, line) => sum + (expectedCost(line) ?? 0), 0)
  return (
    <div className={styles.head}>
      <b>{t('shop.list')}</b>
      <span className={styles.paid}>
        <strong className="number">{money(paid, currency)}</strong>{' '}
        {t('shop.expected', { amount: money(expected, currency) })}
      </span>
    </div>
  )
}

/** Never in the way: it says that nothing is lost. */
function Waiting({ count }: { count: number }) {
  const status = useLiveStatus()
  if (count === 0 || status === 'live') return null
  return (
    <p className={styles.banner} role="status">
      <Icon name="offline" />
      <span>
        <b>{t('shop.waiting', { n: count })}</b>
        {t('shop.waitingText')}
      </span>
    </p>
  )
}

interface RowProps {
  line: ShoppingLine
  currency: string
  mayBuy: boolean
  /** Which of it, only the shopper can say. */
  isFamily: boolean
  onTap(act: Act): void
  onOpen(): void
}

function Row({ line, currency, mayBuy, isFamily, onTap, onOpen }: RowProps) {
  const { product, requested, bought, isBought, refused } = line
  const { name, unit } = product
  const cost = expectedCost(line)
  const buy = () => {
    if (refused || isFamily || cost === undefined) return onOpen()
    onTap({ kind: 'record', quantity: wire(requested), total: cost })
    toast(t('shop.bought', { name }), 'said', { label: t('action.undo'), run: () => onTap({ kind: 'undo' }) })
  }
  const putBack = () => {
    if (refused) return onOpen()
    onTap({ kind: 'undo' })
    toast(t('shop.undone', { name }))
  }
  const label = isBought ? t('shop.untick', { name }) : t('shop.tick', { name, amount: quantity(requested, unit) })
  return (
    <li className={styles.row} data-bought={isBought} data-item={product.product_id}>
      <button
        type="button"
        aria-pressed={isBought}
        aria-label={label}
        className={styles.tick}
        onClick={isBought ? putBack : buy}
        disabled={!mayBuy}
      >
        <span className={styles.box}>{isBought && <Icon name="check" size={20} />}</span>
        <span className={styles.name}>
          <span>{name}</span>
          <Facts line={line} currency={currency} />
        </span>
        <span className={`${styles.amount} number`}>{quantity(isBought ? bought : requested, unit)}</span>
      </button>
      <button type="button" className={styles.more} aria-label={t('shop.open', { name })} onClick={onOpen}>
        <Icon name="arrow" />
      </button>
    </li>
  )
}

function Facts({ line, currency }: { line: ShoppingLine; currency: string }) {
  const { product, requested, bought, total, isBought, picked, waits } = line
  const status = useLiveStatus()
  const cost = expectedCost(line)
  const wanted = milli(product.wanted)
  return (
    <small>
      {picked.length > 0 && <b className={styles.picked}>{list(picked)}</b>}
      {isBought ? money(total, currency) : cost === undefined ? t('run.noPrice') : money(cost, currency)}
      {!isBought && wanted !== requested && t('shop.wanted', { amount: quantity(wanted, product.unit) })}
      {isBought && bought < requested && (
        <Chip kind="near">{t('shop.short', { amount: quantity(requested - bought, product.unit) })}</Chip>
      )}
      {isBought && bought > requested && (
        <Chip kind="near">{t('shop.over', { amount: quantity(bought - requested, product.unit) })}</Chip>
      )}
      {waits && (
        <span className={styles.waits}>
          <Icon name="wait" size={15} />
          {t(status === 'live' ? 'shop.rowSending' : 'shop.rowWaiting')}
        </span>
      )}
    </small>
  )
}
