import type { CSSProperties, ReactNode } from 'react'
import type { State } from '../api/gen/types.gen'
import { t } from '../i18n'
import styles from './Badges.module.css'
import { Icon, type IconName } from './Icon'

const STATES: Record<State, { icon: IconName; tone: string }> = {
  planning: { icon: 'edit', tone: 'plain' },
  active: { icon: 'people', tone: 'ok' },
  confirmed: { icon: 'check', tone: 'ok' },
  shopping: { icon: 'basket', tone: 'near' },
  adjusting: { icon: 'scales', tone: 'near' },
  distributing: { icon: 'swap', tone: 'near' },
  completed: { icon: 'check', tone: 'plain' },
  cancelled: { icon: 'cancel', tone: 'bad' },
}

export const iconOf = (state: State): IconName => STATES[state].icon

/** A run's state: always the word and an icon, never colour alone. */
export function StateBadge({ state }: { state: State }) {
  const { icon, tone } = STATES[state]
  return (
    <span className={styles.badge} data-tone={tone}>
      <Icon name={icon} size={15} />
      {t(`state.${state}`)}
    </span>
  )
}

export function Chip({ kind, icon, children }: { kind?: 'ok' | 'near' | 'bad'; icon?: IconName; children: ReactNode }) {
  return (
    <span className={styles.chip} data-kind={kind}>
      {icon && <Icon name={icon} size={15} />}
      {children}
    </span>
  )
}

const GOLDEN_ANGLE = 137.508

/** The same person has the same colour everywhere. The name is for those who cannot see it. */
export function Avatar({ id, name, size = 36 }: { id: string; name: string; size?: number }) {
  const style = { '--hue': hue(id), width: size, height: size } as CSSProperties
  return (
    <span className={styles.avatar} style={style} role="img" aria-label={name} title={name}>
      {initials(name)}
    </span>
  )
}

export function Avatars({ people, most = 5 }: { people: { id: string; name: string }[]; most?: number }) {
  const rest = people.length - most
  return (
    <span className={styles.stack}>
      {people.slice(0, most).map((person) => (
        <Avatar key={person.id} {...person} />
      ))}
      {rest > 0 && (
        <span
          className={`${styles.avatar} ${styles.rest}`}
          style={{ width: 36, height: 36 }}
          role="img"
          aria-label={t('people.count', { n: rest })}
        >
          +{rest}
        </span>
      )}
    </span>
  )
}

function hue(id: string): number {
  const sum = [...id].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 9973, 7)
  return Math.round((sum * GOLDEN_ANGLE) % 360)
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = words.length > 1 ? words.slice(0, 2).map((word) => [...word][0]) : [...(words[0] ?? '?')].slice(0, 2)
  return letters.join('').toUpperCase()
}
