import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { getGroupsGroup, getGroupsGroupBalances, getGroupsGroupLedger } from '../../api/gen/operations.gen'
import type { GroupBalances, LedgerEntry, Transfer } from '../../api/gen/types.gen'
import { t } from '../../i18n'
import { day, money } from '../../i18n/format'
import { useGroupHints } from '../../live/group'
import { useMe } from '../../session'
import { Avatar } from '../../ui/Badges'
import { Button } from '../../ui/Button'
import { Card, EmptyState, ErrorCard, Skeleton } from '../../ui/Cards'
import { Select } from '../../ui/Field'
import { Page } from '../../ui/Page'
import rows from '../../ui/Rows.module.css'
import { type Names, useNames } from './names'
import { PaymentSheet, type Proposed } from './PaymentSheet'

export default function BalancesPage({ params }: { params: { group: string } }) {
  const path = { group: params.group }
  useGroupHints(path.group)
  const group = getGroupsGroup.use({ path })
  const { data, error, refetch } = getGroupsGroupBalances.use({ path })
  const names = useNames(path.group, data?.balances)
  const [paying, setPaying] = useState<Proposed>()
  const currency = group.data?.currency ?? 'EUR'
  const shared = { group: path.group, currency, names }
  return (
    <Page
      title={t('balances.title')}
      under={group.data?.name}
      back={`/groups/${path.group}`}
      live
      bar={
        <Button icon="swap" wide onClick={() => setPaying({})}>
          {t('balances.pay')}
        </Button>
      }
    >
      {error && !data && <ErrorCard error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton heights={[160, 160, 240]} />}
      {data && (
        <div className={rows.columns}>
          <div className={rows.column}>
            <Transfers {...shared} transfers={data.transfers} onPay={setPaying} />
            <Balances {...shared} balances={data.balances} />
          </div>
          <div className={rows.column}>
            <Ledger {...shared} />
          </div>
        </div>
      )}
      {paying && <PaymentSheet {...shared} proposed={paying} onClose={() => setPaying(undefined)} />}
    </Page>
  )
}

interface Shared {
  group: string
  currency: string
  names: Names
}

interface TransfersProps extends Shared {
  transfers: Transfer[]
  onPay(proposed: Proposed): void
}

function Transfers({ transfers, currency, names, onPay }: TransfersProps) {
  const me = useMe()
  return (
    <Card title={t('settle.title')} count={transfers.length || undefined}>
      {transfers.length === 0 && (
        <EmptyState icon="check" title={t('balances.even')}>
          {t('balances.evenText')}
        </EmptyState>
      )}
      <ul className={rows.rows}>
        {transfers.map((transfer) => {
          const { from, to, amount } = transfer
          return (
            <li key={`${from}${to}`}>
              <Avatar id={from} name={names.of(from)} size={40} />
              <span className={rows.what}>
                <b>{t('settle.pays', { from: names.of(from), to: names.of(to) })}</b>
              </span>
              <span className={rows.amount}>{money(amount, currency)}</span>
              {(from === me.id || to === me.id) && (
                <Button kind="soft" size="small" onClick={() => onPay(transfer)}>
                  {t('balances.paid')}
                </Button>
              )}
            </li>
          )
        })}
      </ul>
    </Card>
  )
}

function Balances({ balances, currency }: Shared & { balances: GroupBalances['balances'] }) {
  if (balances.length === 0) return null
  return (
    <Card title={t('balances.people')}>
      <ul className={rows.rows}>
        {balances.map(({ user_id, name, balance }) => (
          <li key={user_id}>
            <Avatar id={user_id} name={name} size={40} />
            <span className={rows.what}>
              <b>{name}</b>
              <small>{t(balance > 0 ? 'balances.gets' : 'balances.owes')}</small>
            </span>
            <span className={rows.amount} data-sign={balance > 0 ? 'plus' : 'minus'}>
              {money(Math.abs(balance), currency)}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}

const PAGE = 30

/** Where a balance comes from, line by line. */
function Ledger({ group, currency, names }: Shared) {
  const me = useMe()
  const [user, setUser] = useState(me.id)
  const { data, error, refetch, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: [getGroupsGroupLedger.route, { path: { group }, user }],
    queryFn: ({ pageParam, signal }) =>
      getGroupsGroupLedger.call({ path: { group }, query: { user, limit: PAGE, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
  })
  if (error && !data) return <ErrorCard error={error} onRetry={() => void refetch()} />
  const entries = data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Card title={t('balances.book')}>
      <Select label={t('balances.whose')} value={user} onChange={(event) => setUser(event.target.value)}>
        {names.all.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
      {!data && <Skeleton heights={[56, 56]} />}
      {data && entries.length === 0 && <p className={rows.quiet}>{t('balances.bookEmpty')}</p>}
      <ul className={rows.rows}>
        {entries.map((entry) => (
          <Entry key={`${entry.id}${entry.user_id}`} entry={entry} currency={currency} names={names} />
        ))}
      </ul>
      {hasNextPage && (
        <Button kind="quiet" size="small" wide onClick={() => void fetchNextPage()}>
          {t('action.loadMore')}
        </Button>
      )}
    </Card>
  )
}

function Entry({ entry, currency, names }: { entry: LedgerEntry; currency: string; names: Names }) {
  const { kind, amount, run_id, note, at } = entry
  const other = names.of(entry.with ?? '')
  const paid = t(amount > 0 ? 'balances.paidTo' : 'balances.gotFrom', { name: other })
  return (
    <li>
      <span className={rows.what}>
        {kind === 'run' && run_id ? <Link href={`/runs/${run_id}`}>{t('balances.run')}</Link> : <b>{paid}</b>}
        <small>{[day(at), note].filter(Boolean).join(' · ')}</small>
      </span>
      <span className={rows.amount} data-sign={amount > 0 ? 'plus' : 'minus'}>
        {amount > 0 ? '+' : ''}
        {money(amount, currency)}
      </span>
    </li>
  )
}
