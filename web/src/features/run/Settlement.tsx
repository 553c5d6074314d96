import { getRunsRunSettlement } from '../../api/gen/operations.gen'
import type { Because, SettlementView, TransferView } from '../../api/gen/types.gen'
import { t } from '../../i18n'
import { money } from '../../i18n/format'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { Avatar } from '../../ui/Badges'
import { Button } from '../../ui/Button'
import { Card, ErrorCard, Skeleton } from '../../ui/Cards'
import { Icon } from '../../ui/Icon'
import { toast } from '../../ui/toasts'
import { useLevel } from './about'
import { Costs } from './Costs'
import styles from './Settling.module.css'

interface Props {
  store: RunStore
  me: string
}

/** Who pays whom and why, to the cent; and what was paid besides the goods. */
export default function Settlement({ store, me }: Props) {
  const answer = getRunsRunSettlement.use({ path: { run: store.id } })
  const isLevel = useLevel(store, answer)
  if (answer.isPending) return <Skeleton heights={[160, 120]} />
  if (!answer.data) return <ErrorCard error={answer.error} onRetry={() => void answer.refetch()} />
  const { transfers } = answer.data
  // What concerns me comes first.
  const sorted = transfers.toSorted((a, b) => Number(concerns(b, me)) - Number(concerns(a, me)))
  return (
    <div className={styles.stack} aria-busy={!isLevel}>
      <Card title={t('settle.title')} count={transfers.length || undefined}>
        {transfers.length === 0 && <p className={styles.quiet}>{t('settle.even')}</p>}
        {sorted.map((transfer) => (
          <Transfer key={`${transfer.from}${transfer.to}`} store={store} transfer={transfer} me={me} />
        ))}
      </Card>
      <Costs store={store} />
      {answer.data.balances.length > 0 && <Balances store={store} settlement={answer.data} />}
    </div>
  )
}

const concerns = ({ from, to }: TransferView, me: string) => from === me || to === me

function Transfer({ store, transfer, me }: { store: RunStore; transfer: TransferView; me: string }) {
  const currency = useShown(store, ({ view }) => view.currency) ?? 'EUR'
  const { from, to, amount, because } = transfer
  const names = { from: store.nameOf(from), to: store.nameOf(to) }
  return (
    <details className={styles.transfer} open={from === me || undefined}>
      <summary>
        <Avatar id={from} name={names.from} size={40} />
        <span className={styles.what}>
          <b>{t('settle.pays', names)}</b>
          <small>{t('settle.why')}</small>
        </span>
        <span className={styles.amount}>{money(amount, currency)}</span>
        <Icon name="arrow" size={18} />
      </summary>
      <ul className={styles.because}>
        {because.map((line, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of an account have no identity
          <li key={i}>
            <span>{reason(store, line)}</span>
            <span>{money(line.amount, currency)}</span>
          </li>
        ))}
      </ul>
      <Button kind="quiet" size="small" icon="copy" wide onClick={() => copy(message(store, transfer))}>
        {t('settle.copy')}
      </Button>
    </details>
  )
}

function reason(store: RunStore, { kind, product_id, label, to }: Because): string {
  const what = store.shown?.view.products.find((p) => p.product_id === product_id)?.name ?? '?'
  if (kind === 'item') return t('settle.item', { what })
  if (kind === 'cost') return t('settle.cost', { label: label ?? '?' })
  if (kind === 'paid_item') return t('settle.paidItem', { what })
  if (kind === 'paid_cost') return t('settle.paidCost', { label: label ?? '?' })
  return t('settle.other', { to: store.nameOf(to ?? '') })
}

/** What somebody can send to the person who pays. */
export function message(store: RunStore, { from, to, amount, because }: TransferView): string {
  const { currency = 'EUR', store_name = '' } = store.shown?.view ?? {}
  const words = { from: store.nameOf(from), to: store.nameOf(to), amount: money(amount, currency), store: store_name }
  const lines = because.map((line) => `• ${reason(store, line)}: ${money(line.amount, currency)}`)
  return [t('settle.message', words), ...lines].join('\n')
}

function copy(text: string): void {
  void navigator.clipboard?.writeText(text).then(() => toast(t('action.copied')))
}

function Balances({ store, settlement }: { store: RunStore; settlement: SettlementView }) {
  const currency = useShown(store, ({ view }) => view.currency) ?? 'EUR'
  return (
    <Card title={t('settle.balances')}>
      <dl className={styles.sums}>
        <div>
          <dt>{t('settle.goods')}</dt>
          <dd>{money(settlement.paid, currency)}</dd>
        </div>
        <div>
          <dt>{t('settle.costs')}</dt>
          <dd>{money(settlement.costs, currency)}</dd>
        </div>
      </dl>
      <div className={styles.scroll}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t('settle.person')}</th>
              <th scope="col">{t('settle.paid')}</th>
              <th scope="col">{t('settle.owes')}</th>
              <th scope="col">{t('settle.balance')}</th>
            </tr>
          </thead>
          <tbody>
            {settlement.balances.map(({ user_id, paid, owes, balance }) => (
              <tr key={user_id}>
                <th scope="row">{store.nameOf(user_id)}</th>
                <td>{money(paid, currency)}</td>
                <td>{money(owes, currency)}</td>
                <td data-sign={balance > 0 ? 'plus' : balance < 0 ? 'minus' : undefined}>{money(balance, currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  )
}
