import { useState } from 'react'
import { useLocation } from 'wouter'
import { Problem } from '../../api/client'
import { getGroups, getInvitesToken, postInvitesTokenAccept } from '../../api/gen/operations.gen'
import { complain } from '../../api/problems'
import { queries } from '../../api/queries'
import { t } from '../../i18n'
import { useSession } from '../../session'
import { Button, LinkButton } from '../../ui/Button'
import { Card, EmptyState, ErrorCard, Skeleton } from '../../ui/Cards'
import { Page } from '../../ui/Page'
import styles from './Invite.module.css'

/** Works for people who have no account yet: who invites, to what, and then straight into the group. */
export default function InvitePage({ params }: { params: { token: string } }) {
  const { token } = params
  const { data, error, isPending, refetch } = getInvitesToken.use({ path: { token } })
  const gone = error instanceof Problem && error.status !== 0 && error.status < 500
  return (
    <Page title={data ? t('invite.title', { group: data.group_name }) : t('groups.invite')} narrow bar={null}>
      {isPending && <Skeleton heights={[220]} />}
      {gone && (
        <EmptyState
          icon="warning"
          title={t('invite.gone')}
          action={<LinkButton href="/">{t('groups.title')}</LinkButton>}
        >
          {t('invite.goneText')}
        </EmptyState>
      )}
      {error && !gone && <ErrorCard error={error} onRetry={() => void refetch()} />}
      {data && (
        <Card>
          <EmptyState icon="people" title={data.group_name} action={<Join token={token} />}>
            {t('invite.from', { name: data.invited_by })} {t('members.count', { n: data.members })}
          </EmptyState>
        </Card>
      )}
    </Page>
  )
}

function Join({ token }: { token: string }) {
  const session = useSession()
  const [, navigate] = useLocation()
  const [busy, setBusy] = useState(false)
  const here = encodeURIComponent(`/invite/${token}`)
  const join = () => {
    setBusy(true)
    postInvitesTokenAccept
      .call({ path: { token } })
      .then(async (group) => {
        await queries.invalidateQueries({ queryKey: [getGroups.route] })
        navigate(`/groups/${group.id}`, { replace: true })
      })
      .catch((error: unknown) => {
        complain(error)
        setBusy(false)
      })
  }
  if (session.status === 'in') {
    return (
      <Button onClick={join} disabled={busy}>
        {t('invite.join')}
      </Button>
    )
  }
  return (
    <div className={styles.choices}>
      <LinkButton href={`/register?next=${here}`}>{t('invite.joinNew')}</LinkButton>
      <LinkButton kind="quiet" href={`/login?next=${here}`}>
        {t('invite.joinLogin')}
      </LinkButton>
    </div>
  )
}
