import { getGroupsGroupMembers } from '../../api/gen/operations.gen'
import { t } from '../../i18n'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { Avatar } from '../../ui/Badges'
import { ErrorCard, Skeleton } from '../../ui/Cards'
import { Sheet } from '../../ui/Sheet'
import { act } from './act'
import styles from './Settling.module.css'

/** Anybody of the group may help; a tick makes it so at once. */
export default function HelpersSheet({ store, onClose }: { store: RunStore; onClose(): void }) {
  const group = useShown(store, ({ view }) => view.group_id) ?? ''
  const leader = useShown(store, ({ view }) => view.leader_id)
  const people = useShown(store, ({ view }) => view.participants) ?? []
  const { data, error, refetch } = getGroupsGroupMembers.use({ path: { group }, query: { limit: 100 } })
  const helps = (user: string) => people.some((person) => person.user_id === user && person.role === 'helper')
  const toggle = (user_id: string) => {
    void act(store, { type: helps(user_id) ? 'dismiss_helper' : 'appoint_helper', user_id })
  }
  return (
    <Sheet title={t('lead.helpers')} onClose={onClose}>
      <div className={styles.form}>
        <p className={styles.quiet}>{t('lead.helpersText')}</p>
        {error && !data && <ErrorCard error={error} onRetry={() => void refetch()} />}
        {!data && !error && <Skeleton heights={[56, 56, 56]} />}
        <ul>
          {data?.items
            .filter((member) => member.user_id !== leader)
            .map(({ user_id, name }) => (
              <li key={user_id} className={styles.goods}>
                <label className={styles.tick}>
                  <input
                    type="checkbox"
                    checked={helps(user_id)}
                    onChange={() => toggle(user_id)}
                    aria-label={t('lead.helps', { name })}
                  />
                  <Avatar id={user_id} name={name} size={40} />
                  <span className={styles.what}>{name}</span>
                </label>
              </li>
            ))}
        </ul>
      </div>
    </Sheet>
  )
}
