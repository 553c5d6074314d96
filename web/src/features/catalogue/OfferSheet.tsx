import { useState } from 'react'
import {
  getProductsProductPrices,
  getStoresStoreProducts,
  putStoresStoreProductsProduct,
} from '../../api/gen/operations.gen'
import type { StoreProduct } from '../../api/gen/types.gen'
import { fieldError } from '../../api/problems'
import { queries } from '../../api/queries'
import { t } from '../../i18n'
import { amountInput, milli, moneyInput, parseAmount, parseMoney, unit, wire } from '../../i18n/format'
import { Button } from '../../ui/Button'
import { Input } from '../../ui/Field'
import rows from '../../ui/Rows.module.css'
import { Sheet } from '../../ui/Sheet'
import { text, useSubmit } from '../../ui/useSubmit'

interface Props {
  store: string
  row: StoreProduct
  currency: string
  onClose(): void
}

/** For how much and in which packs the store sells it. */
export function OfferSheet({ store, row, currency, onClose }: Props) {
  const { product } = row
  const [price, setPrice] = useState(row.price == null ? '' : moneyInput(row.price, currency))
  const [pack, setPack] = useState(row.pack == null ? '' : amountInput(milli(row.pack)))
  const [minimum, setMinimum] = useState(row.minimum == null ? '' : amountInput(milli(row.minimum)))
  const wrong = price !== '' && !parseMoney(price, currency)
  const wrongPack = pack !== '' && !parseAmount(pack)
  const { onSubmit, busy, error } = useSubmit(async (form) => {
    const body = {
      price: parseMoney(price, currency),
      pack: amountOf(pack),
      minimum: amountOf(minimum),
      note: text(form, 'note') || undefined,
    }
    await putStoresStoreProductsProduct.call({ path: { store, product: product.id }, body })
    for (const { route } of [getStoresStoreProducts, getProductsProductPrices]) {
      void queries.invalidateQueries({ queryKey: [route] })
    }
    onClose()
  })
  return (
    <Sheet title={product.name} onClose={onClose}>
      <form className={rows.form} onSubmit={onSubmit}>
        <Input
          label={t('store.price', { unit: unit(product.unit) })}
          unit={currency}
          inputMode="decimal"
          value={price}
          onChange={(event) => setPrice(event.target.value)}
          error={wrong ? t('form.invalid') : fieldError(error, 'price')}
          autoFocus
        />
        <div className={rows.two}>
          <Input
            label={t('store.pack')}
            unit={unit(product.unit)}
            inputMode="decimal"
            value={pack}
            onChange={(event) => setPack(event.target.value)}
            error={wrongPack ? t('form.invalid') : fieldError(error, 'pack')}
          />
          <Input
            label={t('store.minimum')}
            unit={unit(product.unit)}
            inputMode="decimal"
            value={minimum}
            onChange={(event) => setMinimum(event.target.value)}
            error={fieldError(error, 'minimum')}
          />
        </div>
        <Input label={t('run.comment')} name="note" defaultValue={row.note ?? ''} maxLength={200} optional />
        <Button type="submit" disabled={busy || wrong || wrongPack} wide>
          {t('action.save')}
        </Button>
      </form>
    </Sheet>
  )
}

function amountOf(typed: string): string | undefined {
  const thousandths = parseAmount(typed)
  return thousandths ? wire(thousandths) : undefined
}
