import type { ReactNode } from 'react'
import { Problem } from '../api/client'
import { explain } from '../api/problems'
import { t } from '../i18n'
import { Button } from './Button'
import styles from './Cards.module.css'
import { Icon, type IconName } from './Icon'

export const cardClass = styles.card

export function Card({ title, count, children }: { title?: ReactNode; count?: ReactNode; children: ReactNode }) {
  return (
    <section className={styles.card}>
      {title !== undefined && <Heading count={count}>{title}</Heading>}
      {children}
    </section>
  )
}

export function Heading({ count, children }: { count?: ReactNode; children: ReactNode }) {
  return (
    <h2 className={styles.title}>
      {children} {count !== undefined && <span className={styles.count}>{count}</span>}
    </h2>
  )
}

interface EmptyProps {
  icon: IconName
  title: string
  children?: ReactNode
  action?: ReactNode
}

/** Nothing is here, why, and what to do about it. */
export function EmptyState({ icon, title, children, action }: EmptyProps) {
  return (
    <div className={styles.empty}>
      <span className={styles.picture}>
        <Icon name={icon} size={30} />
      </span>
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action && <div className={styles.actions}>{action}</div>}
    </div>
  )
}

export function ErrorCard({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const missing = error instanceof Problem && (error.status === 404 || error.status === 403)
  return (
    <section className={styles.card} role="alert">
      <EmptyState
        icon={missing ? 'search' : 'warning'}
        title={t(missing ? 'error.notFound' : 'error.title')}
        action={!missing && onRetry && <Button onClick={onRetry}>{t('action.retry')}</Button>}
      >
        {missing ? t('error.notFoundText') : explain(error)}
      </EmptyState>
    </section>
  )
}

/** Grey shapes where content will be. */
export function Skeleton({ heights = [120, 90, 160, 160] }: { heights?: number[] }) {
  return (
    <div className={styles.skeletons} role="status" aria-label={t('loading')}>
      {heights.map((height, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: shapes have no identity
        <div key={i} className={styles.skeleton} style={{ height }} />
      ))}
    </div>
  )
}
