import { t } from '../../i18n'
import { money, quantity } from '../../i18n/format'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { Chip } from '../../ui/Badges'
import { IconButton } from '../../ui/Button'
import { act } from './act'
import { type Goods, waits } from './handing-out'
import styles from './Settling.module.css'

interface Props {
  store: RunStore
  goods: Goods
  /** What the row is about; the other is its heading. */
  says: 'person' | 'product'
  onWeigh(goods: Goods): void
}

/** One thing of one person: a tick hands it over, the scales correct how much it is. */
export function GoodsRow({ store, goods, says, onWeigh }: Props) {
  const { product, allocation, wished, received } = goods
  const currency = useShown(store, ({ view }) => view.currency) ?? 'EUR'
  const name = store.nameOf(allocation.user_id)
  const amount = quantity(received, product.unit)
  const isTaken = !waits(goods)
  const tick = () => {
    const type = allocation.taken == null ? 'pick_up' : 'undo_pick_up'
    void act(store, { type, user_id: allocation.user_id, product_id: product.product_id })
  }
  return (
    <li className={styles.goods} data-taken={isTaken}>
      <label className={styles.tick}>
        <input
          type="checkbox"
          checked={isTaken}
          disabled={received === 0}
          onChange={tick}
          aria-label={t('hand.pick', { what: `${product.name}, ${amount}`, name })}
        />
        <span className={styles.what}>
          <span>{says === 'product' ? product.name : name}</span>
          <small>
            {money(allocation.share, currency)}
            {wished !== received && ` · ${t('hand.wished', { amount: quantity(wished, product.unit) })}`}
          </small>
        </span>
      </label>
      {allocation.taken === 'left_with_leader' && <Chip>{t('hand.left')}</Chip>}
      <span className={styles.amount}>{amount}</span>
      <IconButton
        icon="scales"
        label={t('hand.weighOf', { what: product.name, name })}
        onClick={() => onWeigh(goods)}
      />
    </li>
  )
}
