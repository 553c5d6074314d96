import { useState } from 'react'
import {
  deleteGroupsGroupMembersUser,
  getGroupsGroup,
  getGroupsGroupMembers,
  patchGroupsGroupMembersUser,
} from '../../api/gen/operations.gen'
import type { Member } from '../../api/gen/types.gen'
import { complain } from '../../api/problems'
import { queries } from '../../api/queries'
import { t } from '../../i18n'
import { Icon } from '../../ui/Icon'
import rows from '../../ui/Rows.module.css'
import { Confirm, Sheet } from '../../ui/Sheet'

interface Props {
  group: string
  member: Member
  onClose(): void
}

export function MemberSheet({ group, member, onClose }: Props) {
  const [asking, setAsking] = useState(false)
  const path = { group, user: member.user_id }
  const change = async (send: () => Promise<unknown>) => {
    onClose()
    try {
      await send()
      for (const { route } of [getGroupsGroupMembers, getGroupsGroup]) {
        void queries.invalidateQueries({ queryKey: [route, { path: { group } }] })
      }
    } catch (error) {
      complain(error)
    }
  }
  if (asking) {
    return (
      <Confirm
        title={t('group.removeTitle', { name: member.name })}
        keep={t('group.keep')}
        act={t('group.remove')}
        danger
        onKeep={onClose}
        onAct={() => void change(() => deleteGroupsGroupMembersUser.call({ path }))}
      >
        <p>{t('group.removeText')}</p>
      </Confirm>
    )
  }
  const isAdmin = member.role === 'admin'
  const role = isAdmin ? 'member' : 'admin'
  return (
    <Sheet title={member.name} onClose={onClose}>
      <ul className={rows.rows}>
        <li>
          <button
            type="button"
            className={rows.link}
            onClick={() => void change(() => patchGroupsGroupMembersUser.call({ path, body: { role } }))}
          >
            <Icon name="star" /> {t(isAdmin ? 'group.makeMember' : 'group.makeAdmin')}
          </button>
        </li>
        <li>
          <button type="button" className={`${rows.link} ${rows.danger}`} onClick={() => setAsking(true)}>
            <Icon name="trash" /> {t('group.remove')}
          </button>
        </li>
      </ul>
    </Sheet>
  )
}
