import { useSyncExternalStore } from 'react'
import { Icon } from './Icon'
import styles from './Toasts.module.css'
import { currentToasts, dismiss, onToasts } from './toasts'

export function Toasts() {
  const toasts = useSyncExternalStore(onToasts, currentToasts)
  return (
    <div className={styles.toasts} role="status" aria-live="polite">
      {toasts.map(({ id, text, kind, action }) => (
        <div key={id} className={styles.toast}>
          <Icon name={kind === 'bad' ? 'warning' : 'check'} />
          <span>{text}</span>
          {action && (
            <button
              type="button"
              className={styles.action}
              onClick={() => {
                dismiss(id)
                action.run()
              }}
            >
              {action.label}
            </button>
          )}
        </div>
      ))}
    </div>
  )
}
