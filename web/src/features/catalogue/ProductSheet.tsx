import { getProducts, getProductsProduct, patchProductsProduct, postProducts } from '../../api/gen/operations.gen'
import type { Aliases, CatalogueProduct, Unit } from '../../api/gen/types.gen'
import { fieldError } from '../../api/problems'
import { t } from '../../i18n'
import { Check, Input } from '../../ui/Field'
import { text } from '../../ui/useSubmit'
import { NamedSheet } from './NamedSheet'
import { UnitSelect } from './UnitSelect'

interface Props {
  /** To be changed; without it a new one is made. */
  product?: CatalogueProduct
  name?: string
  onClose(): void
}

export function ProductSheet({ product, name = '', onClose }: Props) {
  const save = (name: string, form: FormData) => {
    const body = { name, brand: text(form, 'brand'), aliases: aliases(form), tags: words(text(form, 'tags')) }
    return product
      ? patchProductsProduct.call({ path: { product: product.id }, body })
      : postProducts.call({
          body: {
            ...body,
            brand: body.brand || undefined,
            unit: form.get('unit') as Unit,
            is_family: form.has('is_family'),
          },
        })
  }
  return (
    <NamedSheet
      kind="products"
      title={t(product ? 'product.edit' : 'run.addNewTitle')}
      label={t('run.productName')}
      name={product?.name ?? name}
      isNew={product === undefined}
      keyOf={({ id }) => getProductsProduct.key({ path: { product: id } })}
      list={getProducts}
      save={save}
      fields={(error) => <Fields product={product} error={error} />}
      onClose={onClose}
    />
  )
}

function Fields({ product, error }: { product: CatalogueProduct | undefined; error: unknown }) {
  return (
    <>
      {product === undefined && <UnitSelect />}
      {product === undefined && <Check label={t('family.is')} name="is_family" />}
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
    </>
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
