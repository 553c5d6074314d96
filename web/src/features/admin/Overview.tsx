import { useState } from 'react'
import { getAdminRegistration, getAdminStatus, putAdminRegistration } from '../../api/gen/operations.gen'
import type { ServerStatus } from '../../api/gen/types.gen'
import { complain } from '../../api/problems'
import { queries } from '../../api/queries'
import { t } from '../../i18n'
import { amount, bytes } from '../../i18n/format'
import { Card, ErrorCard, Skeleton } from '../../ui/Cards'
import { Check } from '../../ui/Field'
import styles from './Admin.module.css'

const EVERY_MS = 5_000

export function Overview() {
  return (
    <div className={styles.stack}>
      <Status />
      <Registration />
    </div>
  )
}

/** There is no topic for it, so an open page asks every few seconds. */
function Status() {
  const { data, error, refetch } = getAdminStatus.use({}, { refetchInterval: EVERY_MS, staleTime: 0 })
  if (error && !data) return <ErrorCard error={error} onRetry={() => void refetch()} />
  if (!data) return <Skeleton heights={[180]} />
  return (
    <Card title={t('admin.status')}>
      <dl className={styles.figures} aria-live="off">
        <div>
          <dt>{t('admin.database')}</dt>
          <dd data-bad={!data.database_up}>{t(data.database_up ? 'admin.up' : 'admin.down')}</dd>
        </div>
        <div>
          <dt>{t('admin.takes')}</dt>
          <dd data-bad={data.draining}>{t(data.draining ? 'admin.draining' : 'admin.takesYes')}</dd>
        </div>
        {figures(data).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}

function figures({ runs_in_memory, sockets, undurable_bytes, version }: ServerStatus): [string, string][] {
  return [
    [t('admin.runsInMemory'), amount(runs_in_memory * 1000)],
    [t('admin.sockets'), amount(sockets * 1000)],
    [t('admin.undurable'), bytes(undurable_bytes)],
    [t('admin.version'), version],
  ]
}

function Registration() {
  const { data, error, refetch } = getAdminRegistration.use({})
  const [busy, setBusy] = useState(false)
  if (error && !data) return <ErrorCard error={error} onRetry={() => void refetch()} />
  if (!data) return <Skeleton heights={[110]} />
  const turn = async (open: boolean) => {
    setBusy(true)
    try {
      queries.setQueryData(getAdminRegistration.key({}), await putAdminRegistration.call({ body: { open } }))
    } catch (reason) {
      complain(reason)
    }
    setBusy(false)
  }
  return (
    <Card title={t('admin.registration')}>
      <Check
        label={t('admin.registrationOpen')}
        checked={data.open}
        disabled={busy}
        onChange={(event) => void turn(event.target.checked)}
      />
      <p className={styles.detail}>{t('admin.registrationText')}</p>
    </Card>
  )
}
