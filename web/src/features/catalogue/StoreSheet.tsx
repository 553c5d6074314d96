import { getStores, getStoresStore, patchStoresStore, postStores } from '../../api/gen/operations.gen'
import type { Store } from '../../api/gen/types.gen'
import { fieldError } from '../../api/problems'
import { t } from '../../i18n'
import { Input } from '../../ui/Field'
import { text } from '../../ui/useSubmit'
import { NamedSheet } from './NamedSheet'

interface Props {
  /** To be changed; without it a new one is made. */
  store?: Store
  name?: string
  onClose(): void
}

const FIELDS = ['chain', 'address', 'hours'] as const

export function StoreSheet({ store, name = '', onClose }: Props) {
  const save = (name: string, form: FormData) => {
    const said = Object.fromEntries(FIELDS.map((field) => [field, text(form, field)]))
    if (store) return patchStoresStore.call({ path: { store: store.id }, body: { name, ...said } })
    const given = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== ''))
    return postStores.call({ body: { name, ...given } })
  }
  return (
    <NamedSheet
      kind="stores"
      title={t(store ? 'store.edit' : 'store.new')}
      label={t('store.name')}
      name={store?.name ?? name}
      isNew={store === undefined}
      keyOf={({ id }) => getStoresStore.key({ path: { store: id } })}
      list={getStores}
      save={save}
      fields={(error) =>
        FIELDS.map((field) => (
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
        ))
      }
      onClose={onClose}
    />
  )
}
