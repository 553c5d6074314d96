import styles from './Meter.module.css'

interface Props {
  /** All in the same unit. */
  mine: number
  others: number
  /** What has to be reached; a line marks it. */
  goal: number
  label: string
}

/** How far a product is: mine dark, the others' light, the goal a line. The words are in `label`. */
export function Meter({ mine, others, goal, label }: Props) {
  const full = Math.max(mine + others, goal) * (mine + others < goal ? 1.25 : 1.1) || 1
  const part = (value: number) => `${Math.min(100, (100 * value) / full)}%`
  return (
    <div className={styles.meter} role="img" aria-label={label}>
      <i className={styles.mine} style={{ width: part(mine) }} />
      <i className={styles.others} style={{ left: part(mine), width: part(others) }} />
      {goal > 0 && <b className={styles.mark} style={{ left: part(goal) }} />}
    </div>
  )
}
