import { lazy, Suspense, useState } from 'react'
import { useLocation } from 'wouter'
import { getRunsRunSettlement } from '../../api/gen/operations.gen'
import type { RunView } from '../../api/gen/types.gen'
import { complain } from '../../api/problems'
import { t, withLater } from '../../i18n'
import { milli, money, quantity } from '../../i18n/format'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { uuid } from '../../live/uuid'
import { Button } from '../../ui/Button'
import { Card, cardClass, Skeleton } from '../../ui/Cards'
import { Icon } from '../../ui/Icon'
import { toast } from '../../ui/toasts'
import { runAgain } from './again'
import styles from './Settling.module.css'

const Settlement = lazy(() => withLater(import('./Settlement')))

interface Props {
  store: RunStore
  me: string
}

/** Completed or cancelled: what it came to, how it differs from what was planned, and what to take along. */
export default function Ended({ store, me }: Props) {
  const state = useShown(store, ({ view }) => view.state)
  const wasBought = useShown(store, ({ view }) => view.products.some((p) => milli(p.item?.bought ?? '0') > 0)) ?? false
  return (
    <div className={styles.stack}>
      {wasBought && <Sums store={store} me={me} isCancelled={state === 'cancelled'} />}
      {state === 'cancelled' && wasBought && <Outcomes store={store} />}
      {state === 'completed' && <Changes store={store} me={me} />}
      {wasBought && (
        <Suspense fallback={<Skeleton heights={[160]} />}>
          <Settlement store={store} me={me} />
        </Suspense>
      )}
      <Files store={store} />
      <Again store={store} me={me} />
    </div>
  )
}

function Sums({ store, me, isCancelled }: Props & { isCancelled: boolean }) {
  const currency = useShown(store, ({ view }) => view.currency) ?? 'EUR'
  const estimate = useShown(store, ({ view }) => view.estimate) ?? 0
  const { data } = getRunsRunSettlement.use({ path: { run: store.id } })
  if (!data) return <Skeleton heights={[96]} />
  const mine = data.balances.find((balance) => balance.user_id === me)?.owes ?? 0
  const difference = data.paid - estimate
  const words = difference > 0 ? 'end.more' : difference < 0 ? 'end.less' : 'end.same'
  return (
    <section className={cardClass}>
      <dl className={styles.sums} style={{ margin: 0 }}>
        <div>
          <dt>{t('end.yours')}</dt>
          <dd>{money(mine, currency)}</dd>
        </div>
        <div>
          <dt>{t('end.paid')}</dt>
          <dd>{money(data.paid + data.costs, currency)}</dd>
        </div>
      </dl>
      {!isCancelled && <p className={styles.among}>{t(words, { amount: money(Math.abs(difference), currency) })}</p>}
    </section>
  )
}

interface Change {
  id: string
  name: string
  said: string
}

function Changes({ store, me }: Props) {
  const products = useShown(store, ({ view }) => view.products) ?? []
  const changes = changesFor(products, me)
  return (
    <Card title={t('end.changes')} count={changes.length || undefined}>
      {changes.length === 0 && <p className={styles.quiet}>{t('end.changesNone')}</p>}
      <ul>
        {changes.map(({ id, name, said }) => (
          <li key={id} className={styles.cost}>
            <span className={styles.what}>{name}</span>
            <span>{said}</span>
          </li>
        ))}
      </ul>
    </Card>
  )
}

/** Where I got something else than I wished for, and what nobody got. */
function changesFor(products: RunView['products'], me: string): Change[] {
  return products.flatMap((product) => {
    const { product_id: id, name, unit, item } = product
    const wished = product.bids.find((bid) => bid.user_id === me && !bid.interested_only)
    if (wished === undefined) return []
    if (milli(item?.bought ?? '0') === 0) return [{ id, name, said: t('end.notBought') }]
    const got = milli(item?.allocations?.find((a) => a.user_id === me)?.received ?? '0')
    const wanted = milli(wished.quantity)
    if (got === wanted) return []
    return [{ id, name, said: t('end.got', { got: quantity(got, unit), wanted: quantity(wanted, unit) }) }]
  })
}

function Outcomes({ store }: { store: RunStore }) {
  const currency = useShown(store, ({ view }) => view.currency) ?? 'EUR'
  const products = useShown(store, ({ view }) => view.products) ?? []
  return (
    <Card title={t('end.outcomes')}>
      <ul>
        {products.map(
          ({ product_id, name, item }) =>
            item?.outcome && (
              <li key={product_id} className={styles.cost}>
                <span className={styles.what}>
                  <span>{name}</span>
                  <small>{t(`outcome.${item.outcome}`)}</small>
                </span>
                <span className={styles.amount}>{money(item.total, currency)}</span>
              </li>
            ),
        )}
      </ul>
    </Card>
  )
}

function Files({ store }: { store: RunStore }) {
  const file = `/api/v1/runs/${store.id}/export`
  return (
    <Card title={t('end.files')}>
      <ul className="no-print">
        <FileLink href={`${file}?format=csv`} text={t('end.csv')} />
        <FileLink href={`${file}?format=json`} text={t('end.json')} />
        <li>
          <button type="button" className={styles.pick} onClick={() => print()}>
            <Icon name="receipt" />
            <span>{t('end.print')}</span>
          </button>
        </li>
      </ul>
    </Card>
  )
}

function FileLink({ href, text }: { href: string; text: string }) {
  return (
    <li>
      <a className={styles.pick} href={href} download style={{ color: 'inherit', textDecoration: 'none' }}>
        <Icon name="download" />
        <span>{text}</span>
      </a>
    </li>
  )
}

function Again({ store, me }: Props) {
  const [, navigate] = useLocation()
  const [busy, setBusy] = useState(false)
  // One thing a person does has one id, however often it has to be sent.
  const [commandId] = useState(uuid)
  const again = async () => {
    const view = store.confirmed
    if (view === undefined) return
    setBusy(true)
    try {
      const run = await runAgain(view, me, commandId)
      toast(t('end.againDone'))
      navigate(`/runs/${run}`)
    } catch (error) {
      complain(error)
      setBusy(false)
    }
  }
  return (
    <section className={cardClass}>
      <p className={styles.quiet}>{t('end.againText')}</p>
      <div className={styles.actions}>
        <Button icon="undo" disabled={busy} onClick={() => void again()}>
          {t('end.again')}
        </Button>
      </div>
    </section>
  )
}
