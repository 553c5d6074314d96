import { lazy, Suspense, useState } from 'react'
import type { Command } from '../../api/gen/types.gen'
import { t, withLater } from '../../i18n'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { Icon, type IconName } from '../../ui/Icon'
import { Sheet } from '../../ui/Sheet'
import { act } from './act'
import { ConfirmClose } from './BottomBar'
import { DetailsForm } from './DetailsForm'
import styles from './Run.module.css'

const CancelDialog = lazy(() => withLater(import('./CancelDialog')))
const HandoverSheet = lazy(() => withLater(import('./HandoverSheet')))
const Receipts = lazy(() => withLater(import('./Receipts')))
const HelpersSheet = lazy(() => withLater(import('./HelpersSheet')))

interface Props {
  store: RunStore
  me: string
  onClose(): void
  onAdd(): void
}

/** Everything else that may be done now. */
export default function RunMenu({ store, me, onClose, onAdd }: Props) {
  const may = useShown(store, ({ view }) => view.viewer?.may) ?? []
  const state = useShown(store, ({ view }) => view.state)
  const ready = useShown(store, ({ view }) => view.participants.find((p) => p.user_id === me)?.ready) ?? false
  const [next, setNext] = useState<'details' | 'cancel' | 'confirm' | 'handover' | 'helpers' | 'receipts'>()
  if (next === 'details') return <DetailsForm store={store} onClose={onClose} />
  if (next === 'receipts') {
    return (
      <Suspense>
        <Receipts store={store} me={me} onClose={onClose} />
      </Suspense>
    )
  }
  if (next === 'cancel' || next === 'handover' || next === 'helpers') {
    const Next = { cancel: CancelDialog, handover: HandoverSheet, helpers: HelpersSheet }[next]
    return (
      <Suspense>
        <Next store={store} onClose={onClose} />
      </Suspense>
    )
  }
  if (next === 'confirm') return <ConfirmClose store={store} onDone={onClose} />
  const now = (command: Command) => () => {
    void act(store, command)
    onClose()
  }
  return (
    <Sheet title={t('run.options')} onClose={onClose}>
      <ul className={styles.menu}>
        {may.includes('place_bid') && state !== 'adjusting' && (
          <Entry icon="plus" text={t('run.addProduct')} onClick={onAdd} />
        )}
        {may.includes('set_ready') && ready && (
          <Entry icon="undo" text={t('run.notReady')} onClick={now({ type: 'set_ready', ready: false })} />
        )}
        {may.includes('open') && <Entry icon="people" text={t('run.open')} onClick={now({ type: 'open' })} />}
        {may.includes('confirm') && <Entry icon="check" text={t('run.confirm')} onClick={() => setNext('confirm')} />}
        {may.includes('step_back') && (
          <Entry
            icon="undo"
            text={t(state === 'confirmed' ? 'run.stepBackConfirmed' : 'run.stepBackActive')}
            onClick={now({ type: 'step_back' })}
          />
        )}
        {may.includes('edit_details') && (
          <Entry icon="edit" text={t('run.details')} onClick={() => setNext('details')} />
        )}
        <Entry icon="receipt" text={t('run.receipts')} onClick={() => setNext('receipts')} />
        {may.includes('appoint_helper') && (
          <Entry icon="people" text={t('run.helpers')} onClick={() => setNext('helpers')} />
        )}
        {may.includes('offer_handover') && (
          <Entry icon="swap" text={t('run.handover')} onClick={() => setNext('handover')} />
        )}
        {may.includes('cancel') && (
          <Entry icon="cancel" text={t('run.cancel')} danger onClick={() => setNext('cancel')} />
        )}
      </ul>
    </Sheet>
  )
}

function Entry({ icon, text, danger, onClick }: { icon: IconName; text: string; danger?: boolean; onClick(): void }) {
  return (
    <li>
      <button type="button" data-danger={danger || undefined} onClick={onClick}>
        <Icon name={icon} /> {text}
      </button>
    </li>
  )
}
