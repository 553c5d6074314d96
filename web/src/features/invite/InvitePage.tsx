import { useCallback, useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import { Problem } from '../../api/client'
import { getGroups, getGroupsGroupRuns, getInvitesToken, postInvitesTokenAccept } from '../../api/gen/operations.gen'
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

/** Whoever said that they want an account to join has said it once and for all; a link alone lets nobody in. */
const willJoin = new Set<string>()

/** Where the group is waiting for bids, if that is one place. */
async function onlyOpenRun(group: string): Promise<string | undefined> {
  const { items } = await getGroupsGroupRuns
    .call({ path: { group }, query: { limit: 100 } })
    .catch(() => ({ items: [] }))
  const open = items.filter(({ state }) => state === 'planning' || state === 'active')
  return open.length === 1 ? open[0]?.id : undefined
}

function Join({ token }: { token: string }) {
  const session = useSession()
  const [, navigate] = useLocation()
  const [busy, setBusy] = useState(false)
  const here = encodeURIComponent(`/invite/${token}`)
  const join = useCallback(async () => {
    setBusy(true)
    try {
      const group = await postInvitesTokenAccept.call({ path: { token } })
      void queries.invalidateQueries({ queryKey: [getGroups.route] })
      const run = await onlyOpenRun(group.id)
      navigate(`/groups/${group.id}`, { replace: true })
      if (run !== undefined) navigate(`/runs/${run}`)
    } catch (error) {
      complain(error)
      setBusy(false)
    }
  }, [token, navigate])
  useEffect(() => {
    if (session.status === 'in' && willJoin.delete(token)) void join()
  }, [session.status, token, join])
  const decide = () => willJoin.add(token)
  if (session.status === 'in') {
    return (
      <Button onClick={() => void join()} disabled={busy}>
        {t('invite.join')}
      </Button>
    )
  }
  return (
    <div className={styles.choices}>
      <LinkButton href={`/register?next=${here}`} onClick={decide}>
        {t('invite.joinNew')}
      </LinkButton>
      <LinkButton kind="quiet" href={`/login?next=${here}`}>
        {t('invite.joinLogin')}
      </LinkButton>
    </div>
  )
}
