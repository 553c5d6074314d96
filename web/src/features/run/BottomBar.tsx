import { useState } from 'react'
import type { RunView } from '../../api/gen/types.gen'
import { t } from '../../i18n'
import { list } from '../../i18n/format'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { Button } from '../../ui/Button'
import { Confirm } from '../../ui/Sheet'
import { act } from './act'
import { FinishShopping } from './FinishShopping'
import { bidderIds } from './People'
import styles from './Run.module.css'

interface Props {
  store: RunStore
  me: string
  onAdd(): void
}

/** The one thing to do now. What may be done is what the server says (`viewer.may`). */
export function BottomBar({ store, me, onAdd }: Props) {
  const may = useShown(store, ({ view }) => view.viewer?.may) ?? []
  const state = useShown(store, ({ view }) => view.state)
  const hasBid = useShown(store, ({ view }) => bidderIds(view).has(me)) ?? false
  const ready = useShown(store, ({ view }) => view.participants.find((p) => p.user_id === me)?.ready) ?? false
  const [confirming, setConfirming] = useState(false)
  return (
    <>
      {state === 'active' && <ReadyCount store={store} />}
      <div className={styles.cta}>
        {may.includes('place_bid') && !hasBid && !may.includes('confirm') && (
          <Button icon="plus" onClick={onAdd}>
            {t('run.addProduct')}
          </Button>
        )}
        {may.includes('set_ready') && hasBid && !(ready && may.includes('confirm')) && (
          <Ready store={store} ready={ready} />
        )}
        {may.includes('confirm') && (ready || !hasBid) && <Close store={store} onAsk={() => setConfirming(true)} />}
        {may.includes('finish_shopping') && <FinishShopping store={store} />}
        {may.includes('start_shopping') && (
          <Button icon="basket" onClick={() => void act(store, { type: 'start_shopping' })}>
            {t('run.start_shopping')}
          </Button>
        )}
      </div>
      {confirming && <ConfirmClose store={store} onDone={() => setConfirming(false)} />}
    </>
  )
}

function Ready({ store, ready }: { store: RunStore; ready: boolean }) {
  return (
    <Button
      kind={ready ? 'quiet' : 'primary'}
      icon={ready ? 'undo' : 'check'}
      aria-pressed={ready}
      onClick={() => void act(store, { type: 'set_ready', ready: !ready })}
    >
      {t(ready ? 'run.notReady' : 'run.ready')}
    </Button>
  )
}

/** For the leader; the main thing to do once everybody is ready. */
function Close({ store, onAsk }: { store: RunStore; onAsk(): void }) {
  const everybody = useShown(store, ({ view }) => unready(view).length === 0) ?? false
  return (
    <Button kind={everybody ? 'primary' : 'quiet'} onClick={onAsk}>
      {t('run.confirm')}
    </Button>
  )
}

function ReadyCount({ store }: { store: RunStore }) {
  const flags =
    useShown(store, ({ view }) =>
      bidders(view)
        .map((p) => (p.ready ? '1' : '0'))
        .join(''),
    ) ?? ''
  const ready = flags.split('1').length - 1
  return (
    <div className={styles.readyCount}>
      <span>{t('run.readyCount', { n: ready, of: flags.length })}</span>
      <span className={styles.dots} aria-hidden="true">
        {[...flags].map((flag, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: dots have no identity
          <i key={i} data-on={flag === '1'} />
        ))}
      </span>
    </div>
  )
}

function bidders(view: RunView) {
  const ids = bidderIds(view)
  return view.participants.filter((p) => !p.removed && ids.has(p.user_id))
}

const unready = (view: RunView) => bidders(view).filter((p) => !p.ready)

/** Names those who are not ready: they may still be choosing. */
export function ConfirmClose({ store, onDone }: { store: RunStore; onDone(): void }) {
  const names = useShown(store, ({ view }) => list(unready(view).map((p) => p.name))) ?? ''
  const count = useShown(store, ({ view }) => unready(view).length) ?? 0
  const confirm = () => {
    void act(store, { type: 'confirm' })
    onDone()
  }
  return (
    <Confirm
      title={t('run.confirmTitle')}
      keep={t('run.keepOpen')}
      act={t('run.confirm')}
      onKeep={onDone}
      onAct={confirm}
    >
      <p>{count === 0 ? t('run.confirmAll') : t('run.confirmUnready', { n: count, names })}</p>
      <p>{t('run.confirmText')}</p>
    </Confirm>
  )
}
