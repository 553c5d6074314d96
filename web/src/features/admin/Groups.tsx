import { useState } from 'react'
import { deleteAdminGroupsGroup, getAdminGroups, patchAdminGroupsGroup } from '../../api/gen/operations.gen'
import type { AdminGroup, PatchAdminGroup } from '../../api/gen/types.gen'
import { usePages } from '../../api/pages'
import { queries } from '../../api/queries'
import { t } from '../../i18n'
import { day } from '../../i18n/format'
import { Chip } from '../../ui/Badges'
import { Entry } from '../../ui/Entry'
import rows from '../../ui/Rows.module.css'
import { Danger, Sheet } from '../../ui/Sheet'
import styles from './Admin.module.css'
import { done } from './done'
import { Found } from './Found'
import { RenameSheet } from './RenameSheet'

const PAGE = 40

export function Groups() {
  const [q, setQ] = useState('')
  const [chosen, setChosen] = useState<AdminGroup>()
  const pages = usePages([getAdminGroups.route, q], ({ cursor, signal }) =>
    getAdminGroups.call({ query: { limit: PAGE, cursor, q: q || undefined }, signal }),
  )
  return (
    <Found title={t('admin.groups')} pages={pages} onSearch={setQ}>
      <ul className={styles.list}>
        {pages.items?.map((group) => (
          <li key={group.id}>
            <button type="button" className={rows.link} onClick={() => setChosen(group)}>
              <span className={rows.what}>
                <b>{group.name}</b>
                <small>
                  {t('members.count', { n: group.members })} · {group.currency} · {day(group.created_at)}
                </small>
              </span>
              {group.live_runs > 0 && <Chip kind="ok">{t('admin.liveRuns', { n: group.live_runs })}</Chip>}
              {group.disabled && <Chip kind="bad">{t('admin.retired')}</Chip>}
            </button>
          </li>
        ))}
      </ul>
      {chosen && <GroupSheet group={chosen} onClose={() => setChosen(undefined)} />}
    </Found>
  )
}

function GroupSheet({ group, onClose }: { group: AdminGroup; onClose(): void }) {
  const { id, name, disabled } = group
  const path = { group: id }
  const [next, setNext] = useState<'rename' | 'retire' | 'remove'>()
  const act = (send: () => Promise<unknown>) => {
    onClose()
    void done([getAdminGroups.route], send)
  }
  if (next === 'rename') {
    const rename = async (body: PatchAdminGroup) => {
      await patchAdminGroupsGroup.call({ path, body })
      void queries.invalidateQueries({ queryKey: [getAdminGroups.route] })
    }
    return <RenameSheet name={name} onRename={rename} onClose={onClose} />
  }
  if (next) {
    const send = () =>
      next === 'remove'
        ? deleteAdminGroupsGroup.call({ path })
        : patchAdminGroupsGroup.call({ path, body: { disabled: true } })
    return (
      <Danger
        title={t(`admin.${next}Title`, { name })}
        act={t(next === 'remove' ? 'action.remove' : 'admin.retire')}
        text={t(next === 'remove' ? 'admin.removeGroupText' : 'admin.retireGroupText')}
        onKeep={onClose}
        onAct={() => act(send)}
      />
    )
  }
  return (
    <Sheet title={name} onClose={onClose}>
      <ul className={rows.rows}>
        <Entry icon="edit" text={t('admin.rename')} onClick={() => setNext('rename')} />
        {disabled ? (
          <Entry
            icon="undo"
            text={t('admin.restore')}
            onClick={() => act(() => patchAdminGroupsGroup.call({ path, body: { disabled: false } }))}
          />
        ) : (
          <Entry icon="cancel" text={t('admin.retire')} danger onClick={() => setNext('retire')} />
        )}
        <Entry icon="trash" text={t('action.remove')} danger onClick={() => setNext('remove')} />
      </ul>
    </Sheet>
  )
}
