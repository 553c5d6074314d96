import { getAdminLog } from '../../api/gen/operations.gen'
import type { AdminLogEntry } from '../../api/gen/types.gen'
import { usePages } from '../../api/pages'
import { type Key, knows, t } from '../../i18n'
import { moment } from '../../i18n/format'
import { Card, EmptyState } from '../../ui/Cards'
import { Pages } from '../../ui/Pages'
import rows from '../../ui/Rows.module.css'
import styles from './Admin.module.css'

const PAGE = 50

/** What admins did, latest first. Nobody can change it. */
export function Log() {
  const pages = usePages([getAdminLog.route], ({ cursor, signal }) =>
    getAdminLog.call({ query: { limit: PAGE, cursor }, signal }),
  )
  return (
    <Card title={t('admin.log')}>
      <Pages of={pages} empty={<EmptyState icon="list" title={t('admin.logEmpty')} />}>
        <ul className={styles.list} data-one>
          {pages.items?.map((entry) => (
            <li key={entry.id}>
              <span className={rows.what}>
                <b>{said(entry)}</b>
                <small>
                  {entry.admin_name} · <time dateTime={entry.at}>{moment(entry.at)}</time>
                </small>
              </span>
              <code className={styles.detail}>{facts(entry)}</code>
            </li>
          ))}
        </ul>
      </Pages>
    </Card>
  )
}

/** An action this version has no words for is shown by its name. */
function said({ action, target }: AdminLogEntry): string {
  const ofIt = `admin.did.${action}.${target}`
  const key = knows(ofIt) ? ofIt : `admin.did.${action}`
  const what = `admin.target.${target}`
  return t('admin.did', { did: knows(key) ? t(key as Key) : action, what: knows(what) ? t(what as Key) : target })
}

function facts({ target_id, detail }: AdminLogEntry): string {
  const known = Object.entries(detail).map(([name, value]) => `${name}: ${String(value)}`)
  return [target_id, ...known].filter(Boolean).join(' · ')
}
