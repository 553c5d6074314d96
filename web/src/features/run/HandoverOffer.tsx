import { t } from '../../i18n'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { Button } from '../../ui/Button'
import { act } from './act'
import styles from './Settling.module.css'

/** Shown to the person who is asked; nobody else has anything to answer. */
export default function HandoverOffer({ store, me }: { store: RunStore; me: string }) {
  const offered = useShown(store, ({ view }) => view.handover)
  const leader = useShown(store, ({ view }) => view.leader_id) ?? ''
  if (offered !== me) return null
  return (
    <section className={styles.offer}>
      <h2>{t('lead.yours', { name: store.nameOf(leader) })}</h2>
      <p>{t('lead.yoursText')}</p>
      <div className={styles.buttons}>
        <Button kind="quiet" onClick={() => void act(store, { type: 'decline_handover' })}>
          {t('lead.decline')}
        </Button>
        <Button onClick={() => void act(store, { type: 'accept_handover' })}>{t('lead.accept')}</Button>
      </div>
    </section>
  )
}
