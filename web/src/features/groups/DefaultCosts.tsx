import { useState } from 'react'
import type { CostSplit, DefaultCost, Group, PatchGroup } from '../../api/gen/types.gen'
import { complain } from '../../api/problems'
import { t } from '../../i18n'
import { money, parseMoney } from '../../i18n/format'
import { Button, IconButton } from '../../ui/Button'
import { Card } from '../../ui/Cards'
import { Input, Select } from '../../ui/Field'
import rows from '../../ui/Rows.module.css'
import { Sheet } from '../../ui/Sheet'
import { text, useSubmit } from '../../ui/useSubmit'

const SPLITS: CostSplit[] = ['by_value', 'equally', 'by_quantity']

interface Props {
  group: Group
  onSave(change: PatchGroup): Promise<void>
}

/** What every run of the group costs besides the goods. */
export function DefaultCosts({ group, onSave }: Props) {
  const [adding, setAdding] = useState(false)
  const costs = group.default_costs
  const put = (default_costs: DefaultCost[]) => onSave({ default_costs })
  return (
    <Card title={t('group.costs')} count={costs.length || undefined}>
      <p className={rows.quiet}>{t(costs.length === 0 ? 'group.costsNone' : 'group.costsText')}</p>
      <ul className={rows.rows}>
        {costs.map((cost) => (
          <li key={`${cost.label} ${cost.amount} ${cost.split}`}>
            <span className={rows.what}>
              <b>{cost.label}</b>
              <small>{t(`split.${cost.split}`)}</small>
            </span>
            <span className={rows.amount}>{money(cost.amount, group.currency)}</span>
            <IconButton
              icon="trash"
              label={t('group.costRemove', { label: cost.label })}
              onClick={() => void put(costs.filter((other) => other !== cost)).catch(complain)}
            />
          </li>
        ))}
      </ul>
      <div className={rows.buttons}>
        <Button kind="soft" size="small" icon="plus" onClick={() => setAdding(true)}>
          {t('group.costAdd')}
        </Button>
      </div>
      {adding && (
        <AddCost
          currency={group.currency}
          onAdd={(cost) => put([...costs, cost]).then(() => setAdding(false))}
          onClose={() => setAdding(false)}
        />
      )}
    </Card>
  )
}

interface AddProps {
  currency: string
  onAdd(cost: DefaultCost): Promise<void>
  onClose(): void
}

function AddCost({ currency, onAdd, onClose }: AddProps) {
  const [typed, setTyped] = useState('')
  const amount = parseMoney(typed, currency)
  const { onSubmit, busy } = useSubmit(async (form) => {
    if (amount) await onAdd({ label: text(form, 'label'), amount, split: form.get('split') as CostSplit })
  })
  return (
    <Sheet title={t('group.costAdd')} onClose={onClose}>
      <form className={rows.form} onSubmit={onSubmit}>
        <Input label={t('settle.label')} name="label" maxLength={100} required autoFocus />
        <Input
          label={t('settle.amount')}
          unit={currency}
          inputMode="decimal"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          error={typed !== '' && !amount ? t('form.invalid') : undefined}
          required
        />
        <Select label={t('settle.split')} name="split">
          {SPLITS.map((split) => (
            <option key={split} value={split}>
              {t(`split.${split}`)}
            </option>
          ))}
        </Select>
        <Button type="submit" disabled={busy || !amount} wide>
          {t('action.add')}
        </Button>
      </form>
    </Sheet>
  )
}
