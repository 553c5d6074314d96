import { useState } from 'react'
import { deleteAuthSessionsSession, getAuthSessions, postAuthLogoutAll } from '../../api/gen/operations.gen'
import type { LoginSession } from '../../api/gen/types.gen'
import { complain } from '../../api/problems'
import { queries } from '../../api/queries'
import { t } from '../../i18n'
import { fromNow } from '../../i18n/format'
import { logout } from '../../session'
import { Chip } from '../../ui/Badges'
import { Button } from '../../ui/Button'
import { Card, ErrorCard, Skeleton } from '../../ui/Cards'
import rows from '../../ui/Rows.module.css'
import { Danger } from '../../ui/Sheet'
import { toast } from '../../ui/toasts'
import { deviceOf } from './device'

export function Sessions() {
  const { data, error, refetch } = getAuthSessions.use({})
  const [asking, setAsking] = useState(false)
  if (error && !data) return <ErrorCard error={error} onRetry={() => void refetch()} />
  if (!data) return <Skeleton heights={[180]} />
  const endAll = async () => {
    setAsking(false)
    try {
      await postAuthLogoutAll.call()
      await logout()
    } catch (reason) {
      complain(reason)
    }
  }
  return (
    <Card title={t('profile.sessions')} count={data.items.length}>
      <ul className={rows.rows}>
        {data.items.map((session) => (
          <Session key={session.id} session={session} />
        ))}
      </ul>
      <div className={rows.buttons}>
        <Button kind="quiet" size="small" onClick={() => setAsking(true)}>
          {t('profile.endAll')}
        </Button>
      </div>
      {asking && (
        <Danger
          title={t('profile.endAllTitle')}
          act={t('profile.endAll')}
          text={t('profile.endAllText')}
          onKeep={() => setAsking(false)}
          onAct={() => void endAll()}
        />
      )}
    </Card>
  )
}

function Session({ session }: { session: LoginSession }) {
  const device = deviceOf(session.user_agent ?? '') ?? t('profile.unknownDevice')
  const end = async () => {
    try {
      await deleteAuthSessionsSession.call({ path: { session: session.id } })
      await queries.invalidateQueries({ queryKey: [getAuthSessions.route] })
      toast(t('profile.ended'))
    } catch (error) {
      complain(error)
    }
  }
  return (
    <li>
      <span className={rows.what}>
        <b>{device}</b>
        <small>{t('profile.seen', { when: fromNow(session.last_seen_at) })}</small>
      </span>
      {session.current ? (
        <Chip kind="ok">{t('profile.thisDevice')}</Chip>
      ) : (
        <Button kind="dangerText" size="small" aria-label={t('profile.endOf', { device })} onClick={() => void end()}>
          {t('profile.end')}
        </Button>
      )}
    </li>
  )
}
