import { useState } from 'react'
import { getGroupsGroup, getGroupsGroupMembers, getGroupsGroupRuns } from '../../api/gen/operations.gen'
import type { Member } from '../../api/gen/types.gen'
import { t } from '../../i18n'
import { useGroupHints } from '../../live/group'
import { useMe } from '../../session'
import { Avatar, Chip } from '../../ui/Badges'
import { Button, IconLink, LinkButton } from '../../ui/Button'
import { Card, EmptyState, ErrorCard, Skeleton } from '../../ui/Cards'
import { Page } from '../../ui/Page'
import styles from './Groups.module.css'
import { InviteSheet } from './InviteSheet'
import { isLive, RunRow } from './RunRow'

export default function GroupPage({ params }: { params: { group: string } }) {
  const path = { group: params.group }
  useGroupHints(path.group)
  const group = getGroupsGroup.use({ path })
  const runs = getGroupsGroupRuns.use({ path, query: { limit: 100 } })
  const [inviting, setInviting] = useState(false)
  const live = runs.data?.items.filter(isLive) ?? []
  const past = runs.data?.items.filter((run) => !isLive(run)) ?? []
  const start = (
    <LinkButton icon="plus" href={`/groups/${path.group}/new-run`} wide>
      {t('run.new')}
    </LinkButton>
  )
  if (group.error && !group.data) {
    return (
      <Page title={t('error.notFound')} back="/" narrow>
        <ErrorCard error={group.error} onRetry={() => void group.refetch()} />
      </Page>
    )
  }
  return (
    <Page
      title={group.data?.name ?? ''}
      under={group.data && t('members.count', { n: group.data.members })}
      back="/"
      live
      actions={<IconLink icon="sliders" label={t('groups.settings')} href={`/groups/${path.group}/settings`} />}
      bar={start}
    >
      {group.isPending || runs.isPending ? (
        <Skeleton />
      ) : (
        <div className={styles.columns}>
          <div className={styles.list}>
            <Card title={t('groups.live')} count={live.length}>
              {live.length === 0 && <EmptyState icon="basket" title={t('groups.noRuns')} />}
              {live.map((run) => (
                <RunRow key={run.id} run={run} />
              ))}
            </Card>
            <Card title={t('groups.past')} count={past.length}>
              {past.length === 0 && <p className={styles.quiet}>{t('groups.pastEmpty')}</p>}
              {past.map((run) => (
                <RunRow key={run.id} run={run} />
              ))}
            </Card>
          </div>
          <div className={styles.list}>
            <LinkButton kind="quiet" icon="scales" href={`/groups/${path.group}/balances`} wide>
              {t('groups.balances')}
            </LinkButton>
            <Members group={path.group} onInvite={() => setInviting(true)} />
          </div>
        </div>
      )}
      {inviting && group.data && <InviteSheet group={group.data} onClose={() => setInviting(false)} />}
    </Page>
  )
}

function Members({ group, onInvite }: { group: string; onInvite(): void }) {
  const me = useMe()
  const { data } = getGroupsGroupMembers.use({ path: { group }, query: { limit: 100 } })
  const isAdmin = data?.items.some((member) => member.user_id === me.id && member.role === 'admin')
  return (
    <Card title={t('groups.members')} count={data?.items.length}>
      <ul className={styles.members}>
        {data?.items.map((member) => (
          <MemberRow key={member.user_id} member={member} mine={member.user_id === me.id} />
        ))}
      </ul>
      {isAdmin && (
        <Button kind="soft" icon="qr" wide onClick={onInvite}>
          {t('groups.invite')}
        </Button>
      )}
    </Card>
  )
}

function MemberRow({ member, mine }: { member: Member; mine: boolean }) {
  return (
    <li>
      <Avatar id={member.user_id} name={member.name} size={40} />
      <span className={styles.name}>
        {member.name}
        <span>@{member.username}</span>
      </span>
      {mine && <Chip>{t('groups.you')}</Chip>}
      {member.role === 'admin' && <Chip kind="ok">{t('groups.admin')}</Chip>}
    </li>
  )
}
