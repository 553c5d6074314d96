import { useState } from 'react'
import { Link } from 'wouter'
import { getGroups, getGroupsGroupRuns } from '../../api/gen/operations.gen'
import type { Group } from '../../api/gen/types.gen'
import { t } from '../../i18n'
import { useGroupHints } from '../../live/group'
import { Avatar } from '../../ui/Badges'
import { Button } from '../../ui/Button'
import { cardClass, EmptyState, ErrorCard, Skeleton } from '../../ui/Cards'
import { Icon } from '../../ui/Icon'
import { Page } from '../../ui/Page'
import styles from './Groups.module.css'
import { NewGroup } from './NewGroup'
import { isLive, RunRow } from './RunRow'

export default function GroupsPage() {
  const { data, error, isPending, refetch } = getGroups.use({ query: { limit: 100 } })
  const [making, setMaking] = useState(false)
  const add = (
    <Button icon="plus" onClick={() => setMaking(true)}>
      {t('groups.new')}
    </Button>
  )
  return (
    <Page title={t('groups.title')} live narrow>
      {isPending && <Skeleton />}
      {error && !data && <ErrorCard error={error} onRetry={() => void refetch()} />}
      {data?.items.length === 0 && (
        <EmptyState icon="people" title={t('groups.empty')} action={add}>
          {t('groups.emptyText')}
        </EmptyState>
      )}
      <ul className={styles.list}>
        {data?.items.map((group) => (
          <GroupCard key={group.id} group={group} />
        ))}
      </ul>
      {data && data.items.length > 0 && (
        <Button kind="quiet" icon="plus" wide onClick={() => setMaking(true)}>
          {t('groups.new')}
        </Button>
      )}
      {making && <NewGroup onClose={() => setMaking(false)} />}
    </Page>
  )
}

function GroupCard({ group }: { group: Group }) {
  useGroupHints(group.id)
  const { data } = getGroupsGroupRuns.use({ path: { group: group.id }, query: { limit: 100 } })
  const live = data?.items.filter(isLive) ?? []
  return (
    <li className={`${cardClass} ${styles.group}`}>
      <Link href={`/groups/${group.id}`} className={styles.head}>
        <Avatar id={group.id} name={group.name} size={44} />
        <span className={styles.name}>
          <b>{group.name}</b>
          <span>{t('members.count', { n: group.members })}</span>
        </span>
        <Icon name="arrow" />
      </Link>
      {data && live.length === 0 && <p className={styles.quiet}>{t('groups.noRuns')}</p>}
      {live.length > 0 && (
        <div className={styles.runs}>
          {live.map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
        </div>
      )}
    </li>
  )
}
