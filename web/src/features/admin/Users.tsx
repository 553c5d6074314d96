import { useState } from 'react'
import { deleteAdminUsersUser, getAdminUsers, patchAdminUsersUser } from '../../api/gen/operations.gen'
import type { AdminUser, PatchUser } from '../../api/gen/types.gen'
import { usePages } from '../../api/pages'
import { queries } from '../../api/queries'
import { t } from '../../i18n'
import { day } from '../../i18n/format'
import { useMe } from '../../session'
import { Avatar, Chip } from '../../ui/Badges'
import { Icon, type IconName } from '../../ui/Icon'
import rows from '../../ui/Rows.module.css'
import { Confirm, Sheet } from '../../ui/Sheet'
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
      <Confirm
        title={t('admin.eraseTitle', { name: user.name })}
        keep={t('action.cancel')}
        act={t('admin.erase')}
        danger
        onKeep={onClose}
        onAct={() => act(() => deleteAdminUsersUser.call({ path }))}
      >
        <p>{t('admin.eraseText')}</p>
      </Confirm>
    )
  }
  if (asking) {
    const disables = asking.disabled === true
    return (
      <Confirm
        title={t(disables ? 'admin.disableTitle' : 'admin.demoteTitle', { name: user.name })}
        keep={t('action.cancel')}
        act={t(disables ? 'admin.disable' : 'admin.demote')}
        danger
        onKeep={onClose}
        onAct={() => change(asking)}
      >
        <p>{t(disables ? 'admin.disableText' : 'admin.demoteText')}</p>
      </Confirm>
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

export function Entry(props: { icon: IconName; text: string; danger?: boolean; onClick(): void }) {
  const { icon, text, danger, onClick } = props
  return (
    <li>
      <button type="button" className={`${rows.link} ${danger ? rows.danger : ''}`} onClick={onClick}>
        <Icon name={icon} /> {text}
      </button>
    </li>
  )
}
