import { useState } from 'react'
import { useLocation } from 'wouter'
import {
  getSearch,
  getStores,
  getStoresSimilar,
  getStoresStore,
  patchStoresStore,
  postStores,
} from '../../api/gen/operations.gen'
import type { Store } from '../../api/gen/types.gen'
import { fieldError } from '../../api/problems'
import { queries } from '../../api/queries'
import { t } from '../../i18n'
import { Button } from '../../ui/Button'
import { Input } from '../../ui/Field'
import rows from '../../ui/Rows.module.css'
import { Sheet } from '../../ui/Sheet'
import { text, useSubmit } from '../../ui/useSubmit'
import { Similar } from './Similar'
import { useSettled } from './useSettled'

interface Props {
  /** To be changed; without it a new one is made. */
  store?: Store
  name?: string
  onClose(): void
}

const FIELDS = ['chain', 'address', 'hours'] as const

export function StoreSheet({ store, name: typed = '', onClose }: Props) {
  const [, navigate] = useLocation()
  const [name, setName] = useState(store?.name ?? typed)
  const asked = useSettled(name.trim())
  const similar = getStoresSimilar.use({ query: { name: asked } }, { enabled: store === undefined && asked.length > 2 })
  const { onSubmit, busy, error } = useSubmit(async (form) => {
    const said = Object.fromEntries(FIELDS.map((field) => [field, text(form, field)]))
    const given = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== ''))
    const saved = store
      ? await patchStoresStore.call({ path: { store: store.id }, body: { name: name.trim(), ...said } })
      : await postStores.call({ body: { name: name.trim(), ...given } })
    queries.setQueryData(getStoresStore.key({ path: { store: saved.id } }), saved)
    for (const { route } of [getStores, getSearch]) void queries.invalidateQueries({ queryKey: [route] })
    onClose()
    navigate(`/stores/${saved.id}`)
  })
  return (
    <Sheet title={t(store ? 'store.edit' : 'store.new')} onClose={onClose}>
      <form className={rows.form} onSubmit={onSubmit}>
        <Input
          label={t('store.name')}
          value={name}
          onChange={(event) => setName(event.target.value)}
          maxLength={100}
          error={fieldError(error, 'name')}
          required
          autoFocus
        />
        <Similar kind="stores" found={store ? undefined : similar.data?.items} />
        {FIELDS.map((field) => (
          <Input
            key={field}
            label={t(`store.${field}`)}
            hint={field === 'hours' ? t('store.hoursHint') : undefined}
            name={field}
            defaultValue={store?.[field] ?? ''}
            error={fieldError(error, field)}
            maxLength={200}
            optional
          />
        ))}
        <Button type="submit" disabled={busy} wide>
          {t(store ? 'action.save' : 'action.add')}
        </Button>
      </form>
    </Sheet>
  )
}
