import { useState } from 'react'
import { deleteAdminGroupsGroup, getAdminGroups } from '../../api/gen/operations.gen'
import type { AdminGroup } from '../../api/gen/types.gen'
import { usePages } from '../../api/pages'
import { t } from '../../i18n'
import { day } from '../../i18n/format'
import { Chip } from '../../ui/Badges'
import { IconButton } from '../../ui/Button'
import rows from '../../ui/Rows.module.css'
import { Confirm } from '../../ui/Sheet'
import styles from './Admin.module.css'
import { done } from './done'
import { Found } from './Found'

const PAGE = 40

export function Groups() {
  const [q, setQ] = useState('')
  const [chosen, setChosen] = useState<AdminGroup>()
  const pages = usePages([getAdminGroups.route, q], ({ cursor, signal }) =>
    getAdminGroups.call({ query: { limit: PAGE, cursor, q: q || undefined }, signal }),
  )
  const remove = ({ id }: AdminGroup) => {
    setChosen(undefined)
    void done([getAdminGroups.route], () => deleteAdminGroupsGroup.call({ path: { group: id } }))
  }
  return (
    <Found title={t('admin.groups')} pages={pages} onSearch={setQ}>
      <ul className={styles.list}>
        {pages.items?.map((group) => (
          <li key={group.id}>
            <span className={rows.what}>
              <b>{group.name}</b>
              <small>
                {t('members.count', { n: group.members })} · {group.currency} · {day(group.created_at)}
              </small>
            </span>
            {group.live_runs > 0 && <Chip kind="ok">{t('admin.liveRuns', { n: group.live_runs })}</Chip>}
            <IconButton
              icon="trash"
              label={t('admin.removeOf', { name: group.name })}
              onClick={() => setChosen(group)}
            />
          </li>
        ))}
      </ul>
      {chosen && (
        <Confirm
          title={t('admin.removeTitle', { name: chosen.name })}
          keep={t('action.cancel')}
          act={t('action.remove')}
          danger
          onKeep={() => setChosen(undefined)}
          onAct={() => remove(chosen)}
        >
          <p>{t('admin.removeGroupText')}</p>
        </Confirm>
      )}
    </Found>
  )
}
