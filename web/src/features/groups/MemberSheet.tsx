import { useState } from 'react'
import { done } from '../../api/done'
import {
  deleteGroupsGroupMembersUser,
  getGroupsGroup,
  getGroupsGroupMembers,
  patchGroupsGroupMembersUser,
} from '../../api/gen/operations.gen'
import type { Member } from '../../api/gen/types.gen'
import { t } from '../../i18n'
import { Entry } from '../../ui/Entry'
import rows from '../../ui/Rows.module.css'
import { Danger, Sheet } from '../../ui/Sheet'

interface Props {
  group: string
  member: Member
  onClose(): void
}

export function MemberSheet({ group, member, onClose }: Props) {
  const [asking, setAsking] = useState(false)
  const path = { group, user: member.user_id }
  const change = (send: () => Promise<unknown>) => {
    onClose()
    void done(
      [getGroupsGroupMembers, getGroupsGroup].map(({ route }) => [route, { path: { group } }]),
      send,
    )
  }
  if (asking) {
    return (
      <Danger
        title={t('group.removeTitle', { name: member.name })}
        keep={t('group.keep')}
        act={t('group.remove')}
        text={t('group.removeText')}
        onKeep={onClose}
        onAct={() => change(() => deleteGroupsGroupMembersUser.call({ path }))}
      />
    )
  }
  const isAdmin = member.role === 'admin'
  const role = isAdmin ? 'member' : 'admin'
  return (
    <Sheet title={member.name} onClose={onClose}>
      <ul className={rows.rows}>
        <Entry
          icon="star"
          text={t(isAdmin ? 'group.makeMember' : 'group.makeAdmin')}
          onClick={() => change(() => patchGroupsGroupMembersUser.call({ path, body: { role } }))}
        />
        <Entry icon="trash" text={t('group.remove')} danger onClick={() => setAsking(true)} />
      </ul>
    </Sheet>
  )
}
