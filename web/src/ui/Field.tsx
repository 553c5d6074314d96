import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react'
import { t } from '../i18n'
import styles from './Field.module.css'

interface Common {
  label: ReactNode
  hint?: string
  error?: string
  optional?: boolean
}

interface Ids {
  id: string
  'aria-invalid': boolean | undefined
  'aria-describedby': string | undefined
}

/** Label, control, hint and what is wrong, tied together for screen readers. */
export function Labelled({ label, hint, error, optional, children }: Common & { children(ids: Ids): ReactNode }) {
  const id = useId()
  const said = error ?? hint
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label} {optional && <span className={styles.optional}>({t('optional')})</span>}
      </label>
      {children({ id, 'aria-invalid': error ? true : undefined, 'aria-describedby': said ? `${id}-said` : undefined })}
      {said && (
        <span id={`${id}-said`} className={error ? styles.error : styles.hint}>
          {said}
        </span>
      )}
    </div>
  )
}

/** A page and a dialog heed the attribute once, as they open. What comes later takes the focus itself. */
const takeFocus = (control: HTMLElement | null) => control?.focus()
const focusOf = (wanted: boolean | undefined) => (wanted ? takeFocus : undefined)

type InputProps = Common & { big?: boolean; unit?: string } & Omit<InputHTMLAttributes<HTMLInputElement>, 'id'>

export function Input({ label, hint, error, optional, big, unit, ...input }: InputProps) {
  return (
    <Labelled {...{ label, hint, error, optional }}>
      {(ids) => (
        <span className={styles.withUnit}>
          <input
            ref={focusOf(input.autoFocus)}
            className={styles.input}
            data-big={big || undefined}
            {...ids}
            {...input}
          />
          {unit && (
            <span className={styles.unit} aria-hidden="true">
              {unit}
            </span>
          )}
        </span>
      )}
    </Labelled>
  )
}

export function TextArea({
  label,
  hint,
  error,
  optional,
  ...area
}: Common & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return (
    <Labelled {...{ label, hint, error, optional }}>
      {(ids) => <textarea ref={focusOf(area.autoFocus)} className={styles.input} rows={3} {...ids} {...area} />}
    </Labelled>
  )
}

export function Select({
  label,
  hint,
  error,
  optional,
  children,
  ...select
}: Common & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <Labelled {...{ label, hint, error, optional }}>
      {(ids) => (
        <select className={styles.input} {...ids} {...select}>
          {children}
        </select>
      )}
    </Labelled>
  )
}

export function Check({ label, ...input }: { label: ReactNode } & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <label className={styles.check}>
      <input type="checkbox" {...input} />
      <span>{label}</span>
    </label>
  )
}
