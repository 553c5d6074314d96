import { useState } from 'react'
import { useLocation } from 'wouter'
import {
  getProducts,
  getProductsProduct,
  getProductsSimilar,
  getSearch,
  patchProductsProduct,
  postProducts,
} from '../../api/gen/operations.gen'
import type { Aliases, CatalogueProduct, Unit } from '../../api/gen/types.gen'
import { fieldError } from '../../api/problems'
import { queries } from '../../api/queries'
import { t } from '../../i18n'
import { unit } from '../../i18n/format'
import { Button } from '../../ui/Button'
import { Input, Select } from '../../ui/Field'
import rows from '../../ui/Rows.module.css'
import { Sheet } from '../../ui/Sheet'
import { text, useSubmit } from '../../ui/useSubmit'
import { Similar } from './Similar'
import { useSettled } from './useSettled'

const UNITS: Unit[] = ['kg', 'g', 'l', 'ml', 'm', 'piece']

interface Props {
  /** To be changed; without it a new one is made. */
  product?: CatalogueProduct
  name?: string
  onClose(): void
}

export function ProductSheet({ product, name: typed = '', onClose }: Props) {
  const [, navigate] = useLocation()
  const [name, setName] = useState(product?.name ?? typed)
  const asked = useSettled(name.trim())
  const similar = getProductsSimilar.use(
    { query: { name: asked } },
    { enabled: product === undefined && asked.length > 2 },
  )
  const { onSubmit, busy, error } = useSubmit(async (form) => {
    const body = {
      name: name.trim(),
      brand: text(form, 'brand'),
      aliases: aliases(form),
      tags: words(text(form, 'tags')),
    }
    const saved = product
      ? await patchProductsProduct.call({ path: { product: product.id }, body })
      : await postProducts.call({ body: { ...body, brand: body.brand || undefined, unit: form.get('unit') as Unit } })
    queries.setQueryData(getProductsProduct.key({ path: { product: saved.id } }), saved)
    for (const { route } of [getProducts, getSearch]) void queries.invalidateQueries({ queryKey: [route] })
    onClose()
    navigate(`/products/${saved.id}`)
  })
  return (
    <Sheet title={t(product ? 'product.edit' : 'run.addNewTitle')} onClose={onClose}>
      <form className={rows.form} onSubmit={onSubmit}>
        <Input
          label={t('run.productName')}
          value={name}
          onChange={(event) => setName(event.target.value)}
          maxLength={100}
          error={fieldError(error, 'name')}
          required
          autoFocus
        />
        <Similar kind="products" found={product ? undefined : similar.data?.items} />
        {product === undefined && (
          <Select label={t('run.productUnit')} name="unit">
            {UNITS.map((code) => (
              <option key={code} value={code}>
                {unit(code)}
              </option>
            ))}
          </Select>
        )}
        <Input
          label={t('product.brand')}
          name="brand"
          defaultValue={product?.brand ?? ''}
          error={fieldError(error, 'brand')}
          maxLength={100}
          optional
        />
        {(['en', 'ru', 'sr'] as const).map((code) => (
          <Input
            key={code}
            label={t(`product.alias.${code}`)}
            hint={code === 'en' ? t('product.commas') : undefined}
            name={`alias-${code}`}
            lang={code}
            defaultValue={product?.aliases[code]?.join(', ')}
            optional
          />
        ))}
        <Input
          label={t('product.tags')}
          name="tags"
          defaultValue={product?.tags.join(', ')}
          error={fieldError(error, 'tags')}
          optional
        />
        <Button type="submit" disabled={busy} wide>
          {t(product ? 'action.save' : 'action.add')}
        </Button>
      </form>
    </Sheet>
  )
}

/** `red, long ,` → two words. */
export function words(typed: string): string[] {
  return typed
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

function aliases(form: FormData): Aliases {
  const of = (code: string) => words(text(form, `alias-${code}`))
  return { en: of('en'), ru: of('ru'), sr: of('sr') }
}
