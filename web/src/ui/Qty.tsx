import type { Unit } from '../api/gen/types.gen'
import { t } from '../i18n'
import { quantity } from '../i18n/format'
import { IconButton } from './Button'
import styles from './Qty.module.css'

interface Props {
  /** What it is an amount of, for screen readers. */
  name: string
  thousandths: number
  unit: Unit
  onLess(): void
  onMore(): void
  /** A tap on the amount: to type it. */
  onOpen(): void
}

/** − amount +. The amount is said aloud when it changes. */
export function Qty({ name, thousandths, unit, onLess, onMore, onOpen }: Props) {
  const amount = quantity(thousandths, unit)
  return (
    <span className={styles.stepper}>
      <IconButton icon="minus" label={t('qty.less', { name })} onClick={onLess} disabled={thousandths <= 0} />
      <button type="button" className={styles.amount} onClick={onOpen} aria-label={t('qty.amount', { name, amount })}>
        {amount}
      </button>
      <IconButton icon="plus" label={t('qty.more', { name })} onClick={onMore} />
    </span>
  )
}

/** How much one tap adds, in thousandths: nobody taps their way through 25 kg in steps of 10 g. */
export function stride(step: number, pack: number): number {
  const whole = pack > 3000 ? 1000 : 500
  return Math.ceil(Math.max(step, Math.min(whole, pack)) / step) * step
}
