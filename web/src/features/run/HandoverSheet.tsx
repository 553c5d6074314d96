import type { ParticipantView } from '../../api/gen/types.gen'
import { t } from '../../i18n'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { Avatar } from '../../ui/Badges'
import { Button } from '../../ui/Button'
import { Icon } from '../../ui/Icon'
import { Sheet } from '../../ui/Sheet'
import { act } from './act'
import styles from './Settling.module.css'

interface Props {
  store: RunStore
  onClose(): void
}

/** The lead is offered to one person at a time, who has to say yes. */
export default function HandoverSheet({ store, onClose }: Props) {
  const offered = useShown(store, ({ view }) => view.handover)
  return (
    <Sheet title={t('lead.handover')} onClose={onClose}>
      <div className={styles.form}>
        <p className={styles.quiet}>{t('lead.handoverText')}</p>
        {offered ? <Offered store={store} to={offered} /> : <Candidates store={store} onClose={onClose} />}
      </div>
    </Sheet>
  )
}

function Offered({ store, to }: { store: RunStore; to: string }) {
  return (
    <>
      <p>
        <b>{t('lead.offered', { name: store.nameOf(to) })}</b>
      </p>
      <Button kind="quiet" icon="undo" onClick={() => void act(store, { type: 'withdraw_handover' })}>
        {t('lead.withdraw')}
      </Button>
    </>
  )
}

function Candidates({ store, onClose }: Props) {
  const people = useShown(store, ({ view }) => view.participants) ?? []
  const leader = useShown(store, ({ view }) => view.leader_id)
  const others = people.filter((person) => !person.removed && person.user_id !== leader)
  if (others.length === 0) return <p>{t('lead.nobody')}</p>
  const offer = ({ user_id }: ParticipantView) => {
    void act(store, { type: 'offer_handover', to: user_id })
    onClose()
  }
  return (
    <ul>
      {others.map((person) => (
        <li key={person.user_id}>
          <button type="button" className={styles.pick} onClick={() => offer(person)}>
            <Avatar id={person.user_id} name={person.name} size={40} />
            <span>{t('lead.offer', { name: person.name })}</span>
            <Icon name="arrow" size={18} />
          </button>
        </li>
      ))}
    </ul>
  )
}
