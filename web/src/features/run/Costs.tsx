import { useState } from 'react'
import type { CostSplit, CostView } from '../../api/gen/types.gen'
import { t } from '../../i18n'
import { money, parseMoney } from '../../i18n/format'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { Button, IconButton } from '../../ui/Button'
import { Card } from '../../ui/Cards'
import { Input, Select } from '../../ui/Field'
import { Sheet } from '../../ui/Sheet'
import { toast } from '../../ui/toasts'
import { act } from './act'
import styles from './Settling.module.css'

const SPLITS: CostSplit[] = ['by_value', 'equally', 'by_quantity']
const NONE: CostView[] = []

/** Fuel, delivery, a deposit: paid by one, shared by all. */
export function Costs({ store }: { store: RunStore }) {
  const costs = useShown(store, ({ view }) => view.costs) ?? NONE
  const may = useShown(store, ({ view }) => view.viewer?.may) ?? []
  const [adding, setAdding] = useState(false)
  const mayAdd = may.includes('add_cost')
  if (costs.length === 0 && !mayAdd) return null
  return (
    <Card title={t('settle.costs')} count={costs.length || undefined}>
      {costs.length === 0 && <p className={styles.quiet}>{t('settle.costsEmpty')}</p>}
      <ul>
        {costs.map((cost) => (
          <Cost key={cost.id} store={store} cost={cost} mayRemove={may.includes('remove_cost')} />
        ))}
      </ul>
      {mayAdd && (
        <div className={styles.actions}>
          <Button kind="soft" size="small" icon="plus" onClick={() => setAdding(true)}>
            {t('settle.addCost')}
          </Button>
        </div>
      )}
      {adding && <AddCost store={store} onClose={() => setAdding(false)} />}
    </Card>
  )
}

function Cost({ store, cost, mayRemove }: { store: RunStore; cost: CostView; mayRemove: boolean }) {
  const currency = useShown(store, ({ view }) => view.currency) ?? 'EUR'
  const { id, label, amount, split, payer_id } = cost
  const remove = async () => {
    const { kind } = await act(store, { type: 'remove_cost', cost: id })
    if (kind !== 'committed') return
    const undo = () => void act(store, { type: 'add_cost', label, amount, split })
    toast(t('settle.removed'), 'said', { label: t('action.undo'), run: undo })
  }
  return (
    <li className={styles.cost}>
      <span className={styles.what}>
        <b>{label}</b>
        <small>{t('settle.paidBy', { name: store.nameOf(payer_id), split: t(`split.${split}`) })}</small>
      </span>
      <span className={styles.amount}>{money(amount, currency)}</span>
      {mayRemove && <IconButton icon="trash" label={t('settle.removeCost', { label })} onClick={() => void remove()} />}
    </li>
  )
}

function AddCost({ store, onClose }: { store: RunStore; onClose(): void }) {
  const currency = useShown(store, ({ view }) => view.currency) ?? 'EUR'
  const [text, setText] = useState('')
  const amount = parseMoney(text, currency)
  const isWrong = text !== '' && (amount === undefined || amount === 0)
  const add = async (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (!amount) return
    const form = new FormData(event.currentTarget)
    const cost = { label: String(form.get('label')).trim(), amount, split: form.get('split') as CostSplit }
    const { kind } = await act(store, { type: 'add_cost', ...cost })
    if (kind === 'committed') onClose()
  }
  return (
    <Sheet title={t('settle.addCost')} onClose={onClose}>
      <form className={styles.form} onSubmit={add}>
        <Input label={t('settle.label')} name="label" maxLength={100} required autoFocus />
        <Input
          label={t('settle.amount')}
          error={isWrong ? t('form.invalid') : undefined}
          unit={currency}
          inputMode="decimal"
          value={text}
          onChange={(event) => setText(event.target.value)}
          required
        />
        <Select label={t('settle.split')} name="split">
          {SPLITS.map((split) => (
            <option key={split} value={split}>
              {t(`split.${split}`)}
            </option>
          ))}
        </Select>
        <Button type="submit" disabled={!amount} wide>
          {t('action.add')}
        </Button>
      </form>
    </Sheet>
  )
}
