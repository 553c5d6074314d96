import { Link } from 'wouter'
import type { RunSummary } from '../../api/gen/types.gen'
import { t } from '../../i18n'
import { day } from '../../i18n/format'
import { StateBadge } from '../../ui/Badges'
import styles from './Groups.module.css'

/** A run in a list: where, what state, how many people. */
export function RunRow({ run }: { run: RunSummary }) {
  const facts = [t('people.count', { n: run.participants }), run.planned_on && day(run.planned_on), run.comment].filter(
    Boolean,
  )
  return (
    <Link href={`/runs/${run.id}`} className={styles.run}>
      <span className={styles.name}>
        <b>{run.store_name}</b>
        <span>{facts.join(' · ')}</span>
      </span>
      <StateBadge state={run.state} />
    </Link>
  )
}

export const isLive = (run: RunSummary): boolean => run.state !== 'completed' && run.state !== 'cancelled'
