import { useState } from 'react'
import { getGroupsGroupBalances, getGroupsGroupLedger, postGroupsGroupPayments } from '../../api/gen/operations.gen'
import { fieldError } from '../../api/problems'
import { queries } from '../../api/queries'
import { t } from '../../i18n'
import { moneyInput, parseMoney } from '../../i18n/format'
import { uuid } from '../../live/uuid'
import { useMe } from '../../session'
import { Button } from '../../ui/Button'
import { Input, Select } from '../../ui/Field'
import rows from '../../ui/Rows.module.css'
import { Sheet } from '../../ui/Sheet'
import { toast } from '../../ui/toasts'
import { text, useSubmit } from '../../ui/useSubmit'
import type { Names } from './names'

/** What the payment will probably be. */
export interface Proposed {
  from?: string
  to?: string
  amount?: number
}

interface Props {
  group: string
  currency: string
  names: Names
  proposed: Proposed
  onClose(): void
}

/** Money changed hands outside; either side writes it down. */
export function PaymentSheet({ group, currency, names, proposed, onClose }: Props) {
  const me = useMe()
  const path = { group }
  const [iPaid, setIPaid] = useState(proposed.to !== me.id)
  const [typed, setTyped] = useState(proposed.amount ? moneyInput(proposed.amount, currency) : '')
  // One thing a person does has one id, however often it has to be sent.
  const [commandId] = useState(uuid)
  const amount = parseMoney(typed, currency)
  const { onSubmit, busy, error } = useSubmit(async (form) => {
    const other = String(form.get('other'))
    if (!amount) return
    const [from, to] = iPaid ? [me.id, other] : [other, me.id]
    const note = text(form, 'note') || undefined
    const balances = await postGroupsGroupPayments.call({ path, body: { from, to, amount, note }, commandId })
    queries.setQueryData(getGroupsGroupBalances.key({ path }), balances)
    void queries.invalidateQueries({ queryKey: [getGroupsGroupLedger.route] })
    toast(t('balances.recorded'))
    onClose()
  })
  return (
    <Sheet title={t('balances.pay')} onClose={onClose}>
      <form className={rows.form} onSubmit={onSubmit}>
        <p className={rows.quiet}>{t('balances.payText')}</p>
        <Select
          label={t('balances.direction')}
          value={iPaid ? 'out' : 'in'}
          onChange={(event) => setIPaid(event.target.value === 'out')}
        >
          <option value="out">{t('balances.iPaid')}</option>
          <option value="in">{t('balances.iGot')}</option>
        </Select>
        <Select
          label={t('balances.other')}
          name="other"
          defaultValue={proposed.to === me.id ? proposed.from : proposed.to}
          error={fieldError(error, 'to')}
        >
          {names.all
            .filter(({ id }) => id !== me.id)
            .map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
        </Select>
        <Input
          label={t('settle.amount')}
          unit={currency}
          inputMode="decimal"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          error={typed !== '' && !amount ? t('form.invalid') : fieldError(error, 'amount')}
          required
        />
        <Input label={t('run.comment')} name="note" maxLength={500} optional />
        <Button type="submit" disabled={busy || !amount} wide>
          {t('balances.record')}
        </Button>
      </form>
    </Sheet>
  )
}
