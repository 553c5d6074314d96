import { useId, useState } from 'react'
import type { AdjustmentsView, ShortagePolicy, UnbalancedItem } from '../../api/gen/types.gen'
import { t } from '../../i18n'
import { milli, money, quantity } from '../../i18n/format'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { Chip } from '../../ui/Badges'
import { Button } from '../../ui/Button'
import { Card } from '../../ui/Cards'
import { Confirm } from '../../ui/Sheet'
import { act } from './act'
import styles from './Settling.module.css'

interface Props {
  store: RunStore
  answer: AdjustmentsView
  /** The preview is of the run as it is now. */
  isLevel: boolean
}

/** The leader's way out: a rule decides. What each would give is shown before; the server commits by the same code. */
export function ForcePolicy({ store, answer, isLevel }: Props) {
  const [policy, setPolicy] = useState(answer.policy)
  const [asking, setAsking] = useState(false)
  const force = () => {
    setAsking(false)
    void act(store, { type: 'finish_adjusting', force: true, policy })
  }
  return (
    <Card title={t('adjust.force')}>
      <p className={styles.quiet}>{t('adjust.forceText')}</p>
      <Choice policies={answer.policies.map((p) => p.policy)} usual={answer.policy} at={policy} onChoose={setPolicy} />
      {answer.items.map((item) => (
        <Outcome key={item.product_id} store={store} item={item} answer={answer} policy={policy} />
      ))}
      <Button wide disabled={!isLevel} onClick={() => setAsking(true)}>
        {t(isLevel ? 'adjust.apply' : 'adjust.refreshing')}
      </Button>
      {asking && (
        <Confirm
          title={t('adjust.applyTitle', { policy: t(`policy.${policy}`) })}
          keep={t('adjust.keepOpen')}
          act={t('adjust.apply')}
          onKeep={() => setAsking(false)}
          onAct={force}
        >
          <p>{t('adjust.applyText')}</p>
        </Confirm>
      )}
    </Card>
  )
}

interface ChoiceProps {
  policies: ShortagePolicy[]
  usual: ShortagePolicy
  at: ShortagePolicy
  onChoose(policy: ShortagePolicy): void
}

function Choice({ policies, usual, at, onChoose }: ChoiceProps) {
  const name = useId()
  return (
    <fieldset className={styles.choices}>
      <legend className="hidden">{t('adjust.force')}</legend>
      {policies.map((policy) => (
        <label key={policy} className={styles.choice}>
          <input type="radio" name={name} checked={policy === at} onChange={() => onChoose(policy)} />
          <span>
            <b>{t(`policy.${policy}`)}</b> {policy === usual && <Chip>{t('adjust.usual')}</Chip>}
            <small>{t(`policy.${policy}.text`)}</small>
          </span>
        </label>
      ))}
    </fieldset>
  )
}

interface OutcomeProps {
  store: RunStore
  item: UnbalancedItem
  answer: AdjustmentsView
  policy: ShortagePolicy
}

function Outcome({ store, item, answer, policy }: OutcomeProps) {
  const product = useShown(store, ({ view }) => view.products.find((p) => p.product_id === item.product_id))
  const currency = useShown(store, ({ view }) => view.currency) ?? 'EUR'
  if (product === undefined) return null
  const shares = answer.policies.find((preview) => preview.policy === policy)?.shares ?? []
  const ofItem = shares.filter((share) => share.product_id === item.product_id)
  const wants = (user: string) => item.people.find((person) => person.user_id === user)?.quantity ?? '0'
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <caption>{product.name}</caption>
        <thead>
          <tr>
            <th scope="col">{t('settle.person')}</th>
            <th scope="col">{t('adjust.wanted')}</th>
            <th scope="col">{t('adjust.gets')}</th>
            <th scope="col">{t('adjust.pays')}</th>
          </tr>
        </thead>
        <tbody>
          {ofItem.map((share) => (
            <tr key={share.user_id}>
              <th scope="row">{store.nameOf(share.user_id)}</th>
              <td>{quantity(milli(wants(share.user_id)), product.unit)}</td>
              <td data-differs={wants(share.user_id) !== share.quantity}>
                {quantity(milli(share.quantity), product.unit)}
              </td>
              <td>{money(share.share, currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
