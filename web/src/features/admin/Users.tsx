import { useState } from 'react'
import { deleteAdminUsersUser, getAdminUsers, patchAdminUsersUser } from '../../api/gen/operations.gen'
import type { AdminUser, PatchUser } from '../../api/gen/types.gen'
import { usePages } from '../../api/pages'
import { queries } from '../../api/queries'
import { t } from '../../i18n'
import { day } from '../../i18n/format'
import { useMe } from '../../session'
import { Avatar, Chip } from '../../ui/Badges'
import { Entry } from '../../ui/Entry'
import rows from '../../ui/Rows.module.css'
import { Danger, Sheet } from '../../ui/Sheet'
import styles from './Admin.module.css'
import { done } from './done'
import { Found } from './Found'
import { RenameSheet } from './RenameSheet'

const PAGE = 40

export function Users() {
  const [q, setQ] = useState('')
  const [chosen, setChosen] = useState<AdminUser>()
  const pages = usePages([getAdminUsers.route, q], ({ cursor, signal }) =>
    getAdminUsers.call({ query: { limit: PAGE, cursor, q: q || undefined }, signal }),
  )
  return (
    <Found title={t('admin.users')} pages={pages} onSearch={setQ}>
      <ul className={styles.list}>
        {pages.items?.map((user) => (
          <li key={user.id}>
            <button type="button" className={rows.link} onClick={() => setChosen(user)}>
              <Avatar id={user.id} name={user.name} size={40} />
              <span className={rows.what}>
                <b>{user.name}</b>
                <small>
                  @{user.username} · {day(user.created_at)}
                </small>
              </span>
              {user.is_admin && <Chip kind="ok">{t('admin.admin')}</Chip>}
              {user.disabled && <Chip kind="bad">{t('admin.disabled')}</Chip>}
            </button>
          </li>
        ))}
      </ul>
      {chosen && <UserSheet user={chosen} onClose={() => setChosen(undefined)} />}
    </Found>
  )
}

function UserSheet({ user, onClose }: { user: AdminUser; onClose(): void }) {
  const isMe = useMe().id === user.id
  const path = { user: user.id }
  const [asking, setAsking] = useState<PatchUser | 'erase' | 'rename'>()
  const act = (send: () => Promise<unknown>) => {
    onClose()
    void done([getAdminUsers.route], send)
  }
  const change = (body: PatchUser) => act(() => patchAdminUsersUser.call({ path, body }))
  if (asking === 'rename') {
    const rename = async (body: PatchUser) => {
      await patchAdminUsersUser.call({ path, body })
      void queries.invalidateQueries({ queryKey: [getAdminUsers.route] })
    }
    return <RenameSheet name={user.name} username={user.username} onRename={rename} onClose={onClose} />
  }
  if (asking === 'erase') {
    return (
      <Danger
        title={t('admin.eraseTitle', { name: user.name })}
        act={t('admin.erase')}
        text={t('admin.eraseText')}
        onKeep={onClose}
        onAct={() => act(() => deleteAdminUsersUser.call({ path }))}
      />
    )
  }
  if (asking) {
    const disables = asking.disabled === true
    return (
      <Danger
        title={t(disables ? 'admin.disableTitle' : 'admin.demoteTitle', { name: user.name })}
        act={t(disables ? 'admin.disable' : 'admin.demote')}
        text={t(disables ? 'admin.disableText' : 'admin.demoteText')}
        onKeep={onClose}
        onAct={() => change(asking)}
      />
    )
  }
  return (
    <Sheet title={user.name} onClose={onClose}>
      <ul className={rows.rows}>
        <Entry icon="edit" text={t('admin.rename')} onClick={() => setAsking('rename')} />
        {user.is_admin ? (
          <Entry icon="star" text={t('admin.demote')} onClick={() => setAsking({ is_admin: false })} />
        ) : (
          <Entry icon="star" text={t('admin.promote')} onClick={() => change({ is_admin: true })} />
        )}
        {user.disabled && <Entry icon="undo" text={t('admin.enable')} onClick={() => change({ disabled: false })} />}
        {!user.disabled && !isMe && (
          <Entry icon="cancel" text={t('admin.disable')} danger onClick={() => setAsking({ disabled: true })} />
        )}
        {!isMe && <Entry icon="trash" text={t('admin.erase')} danger onClick={() => setAsking('erase')} />}
      </ul>
    </Sheet>
  )
}
