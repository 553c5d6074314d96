import { t } from '../../i18n'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { IconButton } from '../../ui/Button'
import styles from './Run.module.css'

/** Opens what is said about the run; a number says how much of it is new. */
export function TalkButton({ store, onOpen }: { store: RunStore; onOpen(): void }) {
  const unheard = useShown(store, () => store.unheard) ?? 0
  const label = unheard === 0 ? t('run.talk') : t('run.talkNew', { n: unheard })
  return (
    <span className={styles.talk}>
      <IconButton icon="message" label={label} onClick={onOpen} />
      {unheard > 0 && <i aria-hidden="true">{unheard}</i>}
    </span>
  )
}
