import { type ReactNode, useRef, useState } from 'react'
import { getProducts } from '../../api/gen/operations.gen'
import type { CatalogueProduct } from '../../api/gen/types.gen'
import { fieldError } from '../../api/problems'
import { t } from '../../i18n'
import { unit } from '../../i18n/format'
import { Button } from '../../ui/Button'
import { ErrorCard, Skeleton } from '../../ui/Cards'
import { Input } from '../../ui/Field'
import { Icon } from '../../ui/Icon'
import rows from '../../ui/Rows.module.css'
import { Sheet } from '../../ui/Sheet'
import { toast } from '../../ui/toasts'
import { useSettled } from '../../ui/useSettled'
import { useSubmit } from '../../ui/useSubmit'
import { fits, newFamily, putInto, whyNot } from './family'

interface Props {
  product: CatalogueProduct
  onClose(): void
}

/** Chooses the family of a product, or which products belong to a family. */
export default function FamilySheet({ product, onClose }: Props) {
  const [refused, setRefused] = useState<string>()
  const put = async (member: CatalogueProduct, family: CatalogueProduct) => {
    setRefused(undefined)
    try {
      await putInto(member, family.id)
      toast(t('family.put', { product: member.name, family: family.name }))
      onClose()
    } catch (error) {
      setRefused(whyNot(error))
    }
  }
  const said = refused && (
    <p className={rows.danger} role="alert">
      {refused}
    </p>
  )
  if (product.is_family) {
    return (
      <Sheet title={t('family.addMember')} onClose={onClose}>
        <Choose
          label={t('run.addSearch')}
          none={t('family.noProducts', { unit: unit(product.unit) })}
          isOne={(each) => fits(each, product) && each.family_id !== product.id}
          onChoose={(member) => void put(member, product)}
        >
          {said}
        </Choose>
      </Sheet>
    )
  }
  return (
    <Sheet title={t('family.choose')} onClose={onClose}>
      <Choose
        label={t('family.search')}
        none={t('family.none', { unit: unit(product.unit) })}
        isOne={(each) => fits(product, each) && each.id !== product.family_id}
        onChoose={(family) => void put(product, family)}
      >
        {said}
      </Choose>
      <NewFamily product={product} onClose={onClose} />
    </Sheet>
  )
}

interface ChooseProps {
  label: string
  /** Said if there is nothing to choose. */
  none: string
  isOne(product: CatalogueProduct): boolean
  onChoose(product: CatalogueProduct): void
  children: ReactNode
}

function Choose({ label, none, isOne, onChoose, children }: ChooseProps) {
  const [typed, setTyped] = useState('')
  const q = useSettled(typed.trim()) || undefined
  const found = getProducts.use({ query: { q, limit: 100 } }, { placeholderData: (before) => before })
  const items = found.data?.items.filter(isOne)
  return (
    <div className={rows.form}>
      <Input label={label} type="search" value={typed} onChange={(event) => setTyped(event.target.value)} autoFocus />
      {children}
      {found.error && !items && <ErrorCard error={found.error} onRetry={() => void found.refetch()} />}
      {found.isPending && <Skeleton heights={[56, 56]} />}
      {items?.length === 0 && <p className={rows.quiet}>{none}</p>}
      <ul className={rows.rows}>
        {items?.map((each) => (
          <li key={each.id}>
            <button type="button" className={rows.link} onClick={() => onChoose(each)}>
              <span className={rows.what}>
                <b>{each.name}</b>
                {each.brand && <small>{each.brand}</small>}
              </span>
              <Icon name="plus" size={18} />
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

function NewFamily({ product, onClose }: Props) {
  const [name, setName] = useState('')
  // Made once: should the product not get into it, the next try is not to make another.
  const made = useRef<CatalogueProduct>(undefined)
  const { onSubmit, busy, error } = useSubmit(async () => {
    const wanted = name.trim()
    if (made.current?.name !== wanted) made.current = await newFamily(wanted, product)
    await putInto(product, made.current.id)
    toast(t('family.put', { product: product.name, family: wanted }))
    onClose()
  })
  return (
    <form className={rows.form} onSubmit={onSubmit}>
      <h3>{t('family.new')}</h3>
      <Input
        label={t('family.name')}
        hint={t('family.nameHint')}
        value={name}
        onChange={(event) => setName(event.target.value)}
        maxLength={100}
        error={fieldError(error, 'name') ?? fieldError(error, 'family_id')}
        required
      />
      <Button type="submit" kind="soft" icon="plus" disabled={busy} wide>
        {t('family.make')}
      </Button>
    </form>
  )
}
