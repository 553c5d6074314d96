import { type ReactNode, useEffect, useId, useRef } from 'react'
import { t } from '../i18n'
import { Button, IconButton } from './Button'
import styles from './Sheet.module.css'

interface SheetProps {
  title: ReactNode
  /** Beside the way out. */
  actions?: ReactNode
  onClose(): void
  children: ReactNode
}

/** A panel from below, on a desktop in the middle. Is there as long as it is rendered; Escape and the backdrop close it. */
export function Sheet({ title, actions, onClose, children }: SheetProps) {
  const id = useId()
  const dialog = useModal()
  useBackdrop(dialog)
  return (
    <dialog ref={dialog} className={styles.sheet} aria-labelledby={id} onClose={onClose}>
      <div className={styles.head}>
        <h2 id={id} className={styles.title}>
          {title}
        </h2>
        <span className={styles.actions}>
          {actions}
          <IconButton icon="close" label={t('action.close')} onClick={() => dialog.current?.close()} />
        </span>
      </div>
      <div className={styles.body}>{children}</div>
    </dialog>
  )
}

interface ConfirmProps {
  title: string
  children?: ReactNode
  /** The safe way out; has the focus. */
  keep: string
  act: string
  danger?: boolean
  onKeep(): void
  onAct(): void
}

/** A question before something that cannot be taken back. */
export function Confirm({ title, children, keep, act, danger, onKeep, onAct }: ConfirmProps) {
  const id = useId()
  const dialog = useModal()
  return (
    <dialog ref={dialog} role="alertdialog" className={styles.box} aria-labelledby={id} onClose={onKeep}>
      <h2 id={id} className={styles.title}>
        {title}
      </h2>
      <div className={styles.text}>{children}</div>
      <div className={styles.buttons}>
        <Button kind="quiet" autoFocus onClick={() => dialog.current?.close()}>
          {keep}
        </Button>
        <Button kind={danger ? 'danger' : 'primary'} onClick={onAct}>
          {act}
        </Button>
      </div>
    </dialog>
  )
}

type DangerProps = Omit<ConfirmProps, 'keep' | 'danger' | 'children'> & { keep?: string; text: ReactNode }

/** The question before something is gone. */
export function Danger({ text, keep = t('action.cancel'), ...about }: DangerProps) {
  return (
    <Confirm {...about} keep={keep} danger>
      <p>{text}</p>
    </Confirm>
  )
}

/** What had the focus before the first of the dialogs that follow each other. */
let opener: Element | null = null

/** The browser keeps the focus inside; where it came from gets it back, however the dialog goes. */
function useModal() {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const element = dialog.current
    if (document.activeElement !== document.body) opener = document.activeElement
    if (element && !element.open) element.showModal()
    return () => void setTimeout(giveBack)
  }, [])
  return dialog
}

function giveBack() {
  const isLost = document.activeElement === null || document.activeElement === document.body
  if (isLost && document.querySelector('dialog[open]') === null && opener instanceof HTMLElement) opener.focus()
}

/** Escape is the browser's; a tap beside the sheet means the same. */
function useBackdrop(dialog: React.RefObject<HTMLDialogElement | null>) {
  useEffect(() => {
    const element = dialog.current
    const close = (event: MouseEvent) => event.target === element && element?.close()
    element?.addEventListener('click', close)
    return () => element?.removeEventListener('click', close)
  }, [dialog])
}
