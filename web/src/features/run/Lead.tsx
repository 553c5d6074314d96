import type { State } from '../../api/gen/types.gen'
import { type Key, t } from '../../i18n'
import { day, fromNow, moment } from '../../i18n/format'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { StateBadge } from '../../ui/Badges'
import { Icon } from '../../ui/Icon'
import styles from './Run.module.css'

const STEPS: State[] = ['planning', 'active', 'confirmed', 'shopping', 'adjusting', 'distributing', 'completed']
const HINTS_FOR_LEADERS = new Set<State>(['active', 'confirmed', 'shopping'])

/** Where the run stands, and one sentence about what happens now. */
export function Lead({ store, me }: { store: RunStore; me: string }) {
  const state = useShown(store, ({ view }) => view.state) ?? 'planning'
  const leader = useShown(store, ({ view }) => view.leader_id) ?? ''
  const key = leader === me && HINTS_FOR_LEADERS.has(state) ? `run.hint.${state}.leader` : `run.hint.${state}`
  return (
    <section className={styles.lead}>
      <div className={styles.stepHead}>
        {state === 'cancelled' ? (
          <StateBadge state={state} />
        ) : (
          <h2 className={styles.stepName}>{t(`state.${state}`)}</h2>
        )}
        {state !== 'cancelled' && (
          <span className={styles.stepNumber}>{t('run.step', { n: STEPS.indexOf(state) + 1, of: STEPS.length })}</span>
        )}
      </div>
      {state !== 'cancelled' && <Track state={state} />}
      <p className={styles.hint}>{t(key as Key, { leader: store.nameOf(leader) })}</p>
      <Facts store={store} />
    </section>
  )
}

function Track({ state }: { state: State }) {
  const now = STEPS.indexOf(state)
  const at = (step: number) => (step < now || state === 'completed' ? 'done' : step === now ? 'now' : 'later')
  return (
    <ol className={styles.track}>
      {STEPS.map((step, i) => (
        <li key={step} data-at={at(i)} aria-current={i === now ? 'step' : undefined}>
          <span>{t(`state.${step}`)}</span>
        </li>
      ))}
    </ol>
  )
}

/** What the leader said, and until when. */
function Facts({ store }: { store: RunStore }) {
  const comment = useShown(store, ({ view }) => view.comment)
  const planned = useShown(store, ({ view }) => view.planned_on)
  const deadline = useShown(store, ({ view }) => view.bidding_deadline)
  const reason = useShown(store, ({ view }) => view.cancel_reason)
  if (!comment && !planned && !deadline && !reason) return null
  return (
    <p className={styles.facts}>
      {reason && <span>{t('run.cancelledBecause', { reason })}</span>}
      {comment && (
        <span>
          <Icon name="message" size={17} /> {comment}
        </span>
      )}
      {planned && (
        <span>
          <Icon name="basket" size={17} /> {t('run.plannedFor', { day: day(planned) })}
        </span>
      )}
      {deadline && (
        <span title={moment(deadline)}>
          <Icon name="wait" size={17} /> {t('run.deadline', { when: fromNow(deadline) })}
        </span>
      )}
    </p>
  )
}
