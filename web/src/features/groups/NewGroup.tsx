import { useState } from 'react'
import { useLocation } from 'wouter'
import { getGroups, postGroups } from '../../api/gen/operations.gen'
import { complain, fieldError } from '../../api/problems'
import { queries } from '../../api/queries'
import { locale, t } from '../../i18n'
import { Button } from '../../ui/Button'
import { Input } from '../../ui/Field'
import { Sheet } from '../../ui/Sheet'
import styles from './Groups.module.css'

const CURRENCIES = ['EUR', 'RSD', 'RUB', 'USD', 'GBP', 'CHF', 'BAM', 'PLN']

export function NewGroup({ onClose }: { onClose(): void }) {
  const [, navigate] = useLocation()
  const [error, setError] = useState<unknown>()
  const submit = async (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    try {
      const body = { name: String(form.get('name')), currency: String(form.get('currency')).toUpperCase() }
      const group = await postGroups.call({ body })
      await queries.invalidateQueries({ queryKey: [getGroups.route] })
      navigate(`/groups/${group.id}`)
    } catch (reason) {
      setError(reason)
      complain(reason)
    }
  }
  return (
    <Sheet title={t('groups.new')} onClose={onClose}>
      <form className={styles.form} onSubmit={submit}>
        <Input
          label={t('groups.name')}
          error={fieldError(error, 'name')}
          name="name"
          minLength={2}
          maxLength={100}
          required
          autoFocus
        />
        <Input
          label={t('groups.currency')}
          hint={t('groups.currencyHint')}
          error={fieldError(error, 'currency')}
          name="currency"
          list="currencies"
          defaultValue={ownCurrency()}
          pattern="[A-Za-z]{3}"
          autoCapitalize="characters"
          required
        />
        <datalist id="currencies">
          {CURRENCIES.map((code) => (
            <option key={code} value={code} />
          ))}
        </datalist>
        <Button type="submit" wide>
          {t('groups.create')}
        </Button>
      </form>
    </Sheet>
  )
}

const OF_REGION: Record<string, string> = {
  RS: 'RSD',
  RU: 'RUB',
  US: 'USD',
  GB: 'GBP',
  CH: 'CHF',
  BA: 'BAM',
  PL: 'PLN',
}

function ownCurrency(): string {
  return OF_REGION[new Intl.Locale(locale()).maximize().region ?? ''] ?? 'EUR'
}
