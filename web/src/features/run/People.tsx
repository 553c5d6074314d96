import { memo } from 'react'
import type { ParticipantView, RunView } from '../../api/gen/types.gen'
import { t } from '../../i18n'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { Avatar, Chip } from '../../ui/Badges'
import { Card } from '../../ui/Cards'
import { Icon } from '../../ui/Icon'
import styles from './Run.module.css'

/** Who takes part, who is ready, and who is looking right now. */
export function People({ store }: { store: RunStore }) {
  const people = useShown(store, ({ view }) => view.participants) ?? []
  const viewers = useShown(store, (shown) => shown.viewers) ?? []
  const state = useShown(store, ({ view }) => view.state)
  const bidders = useShown(store, ({ view }) => [...bidderIds(view)].sort().join(' ')) ?? ''
  return (
    <Card title={t('run.people')} count={people.filter((p) => !p.removed).length}>
      <ul className={styles.people}>
        {people.map((person) => (
          <Person
            key={person.user_id}
            person={person}
            here={viewers.includes(person.user_id)}
            showsReady={state === 'active'}
            hasBid={bidders.includes(person.user_id)}
          />
        ))}
      </ul>
    </Card>
  )
}

export function bidderIds(view: RunView): Set<string> {
  return new Set(view.products.flatMap((p) => p.bids.map((bid) => bid.user_id)))
}

interface Props {
  person: ParticipantView
  here: boolean
  showsReady: boolean
  hasBid: boolean
}

const Person = memo(function Person({ person, here, showsReady, hasBid }: Props) {
  return (
    <li>
      <span className={styles.face}>
        <Avatar id={person.user_id} name={person.name} size={40} />
        {here && <i className={styles.here} title={t('run.here')} />}
      </span>
      <span className={styles.person}>
        {person.name}
        {here && <span className="hidden">({t('run.here')})</span>}
        {person.role === 'leader' && <Chip>{t('run.leader')}</Chip>}
        {person.role === 'helper' && <Chip>{t('run.helper')}</Chip>}
        {person.removed && <Chip>{t('run.left')}</Chip>}
      </span>
      {showsReady && !person.removed && (
        <span className={styles.readiness} data-ready={person.ready}>
          {person.ready && <Icon name="check" size={16} />}
          {t(person.ready ? 'run.isReady' : hasBid ? 'run.choosing' : 'run.watching')}
        </span>
      )}
    </li>
  )
})
