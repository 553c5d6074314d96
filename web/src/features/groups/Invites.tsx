import { useState } from 'react'
import { deleteGroupsGroupInvitesInvite, getGroupsGroup, getGroupsGroupInvites } from '../../api/gen/operations.gen'
import type { Invite } from '../../api/gen/types.gen'
import { complain } from '../../api/problems'
import { queries } from '../../api/queries'
import { t } from '../../i18n'
import { day, moment } from '../../i18n/format'
import { Button } from '../../ui/Button'
import { Card, ErrorCard, Skeleton } from '../../ui/Cards'
import rows from '../../ui/Rows.module.css'
import { toast } from '../../ui/toasts'
import { InviteSheet } from './InviteSheet'

/** Open invitations: how often each was used, and the end of it. */
export function Invites({ group }: { group: string }) {
  const path = { group }
  const { data, error, refetch } = getGroupsGroupInvites.use({ path })
  const { data: whole } = getGroupsGroup.use({ path })
  const [inviting, setInviting] = useState(false)
  if (error && !data) return <ErrorCard error={error} onRetry={() => void refetch()} />
  if (!data) return <Skeleton heights={[140]} />
  const done = () => {
    setInviting(false)
    void refetch()
  }
  return (
    <Card title={t('group.invites')} count={data.items.length || undefined}>
      {data.items.length === 0 && <p className={rows.quiet}>{t('group.invitesNone')}</p>}
      <ul className={rows.rows}>
        {data.items.map((invite) => (
          <OpenInvite key={invite.id} group={group} invite={invite} />
        ))}
      </ul>
      <div className={rows.buttons}>
        <Button kind="soft" icon="qr" size="small" onClick={() => setInviting(true)}>
          {t('groups.invite')}
        </Button>
      </div>
      {inviting && whole && <InviteSheet group={whole} onClose={done} />}
    </Card>
  )
}

function OpenInvite({ group, invite }: { group: string; invite: Invite }) {
  const made = day(invite.created_at)
  const end = async () => {
    try {
      await deleteGroupsGroupInvitesInvite.call({ path: { group, invite: invite.id } })
      await queries.invalidateQueries({ queryKey: [getGroupsGroupInvites.route, { path: { group } }] })
      toast(t('group.inviteEnded'))
    } catch (error) {
      complain(error)
    }
  }
  const uses = t('group.inviteUses', { n: invite.uses })
  const most = invite.max_uses == null ? '' : ` ${t('group.inviteMax', { max: invite.max_uses })}`
  const until = invite.expires_at == null ? '' : ` · ${t('group.inviteUntil', { when: moment(invite.expires_at) })}`
  return (
    <li>
      <span className={rows.what}>
        <b>{t('group.inviteMade', { day: made })}</b>
        <small>{`${uses}${most}${until}`}</small>
      </span>
      <Button
        kind="dangerText"
        size="small"
        aria-label={t('group.inviteEndOf', { day: made })}
        onClick={() => void end()}
      >
        {t('group.inviteEnd')}
      </Button>
    </li>
  )
}
