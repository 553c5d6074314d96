import { explainCode } from '../../api/problems'
import { t } from '../../i18n'
import { milli, money, quantity } from '../../i18n/format'
import { outbox, tellNeighbours } from '../../offline'
import type { Choice, Entry, Refusal } from '../../offline/purchases'
import { Button } from '../../ui/Button'
import styles from './Shopping.module.css'
import type { ShoppingLine } from './shopping-lines'

interface Props {
  line: ShoppingLine
  entry: Entry & { refused: Refusal }
  currency: string
}

/** Two people recorded the same thing: both values, and the person who tapped last decides. */
export function Conflict({ line, entry, currency }: Props) {
  const { name, unit } = line.product
  const { act, refused } = entry
  const decide = (choice: Choice) => () => void outbox()?.decide(entry.commandId, choice).then(tellNeighbours)
  const worth = (bought: string, total: number) => {
    return milli(bought) === 0
      ? t('shop.nothing')
      : t('shop.boughtFor', { amount: quantity(milli(bought), unit), total: money(total, currency) })
  }
  const mine = act.kind === 'undo' ? t('shop.nothing') : worth(act.quantity, act.total)
  return (
    <section className={styles.conflict} role="alert">
      <div>
        <b>{t(refused.current ? 'shop.conflict' : 'shop.refused', { name })}</b>
        <p>{refused.current ? t('shop.conflictText') : explainCode(refused.code, refused.detail)}</p>
      </div>
      <dl className={styles.values}>
        <div>
          <dt>{t('shop.mine')}</dt>
          <dd>{mine}</dd>
        </div>
        {refused.current && (
          <div>
            <dt>{t('shop.theirs')}</dt>
            <dd>{worth(refused.current.bought, refused.current.total)}</dd>
          </div>
        )}
      </dl>
      <div className={styles.choices}>
        <Button kind="quiet" size="small" onClick={decide('theirs')}>
          {t(refused.current ? 'shop.keepTheirs' : 'shop.discard')}
        </Button>
        {refused.current && (
          <Button kind="quiet" size="small" onClick={decide('mine')}>
            {t('shop.useMine')}
          </Button>
        )}
        {refused.current && act.kind !== 'undo' && (
          <Button size="small" onClick={decide('both')}>
            {t('shop.both')}
          </Button>
        )}
      </div>
    </section>
  )
}
