import { useState } from 'react'
import { t } from '../../i18n'
import { amountInput, milli, parseAmount, quantity, unit, wire } from '../../i18n/format'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { Button } from '../../ui/Button'
import { Input } from '../../ui/Field'
import { Sheet } from '../../ui/Sheet'
import { act } from './act'
import { type Goods, takersOf } from './handing-out'
import styles from './Settling.module.css'

interface Props {
  store: RunStore
  user: string
  product: string
  onNext(goods: Goods): void
  onClose(): void
}

/** Beside the scales: a number big enough to read while pouring, then the next person of the same product. */
export function WeighSheet({ store, user, product: id, onNext, onClose }: Props) {
  const product = useShown(store, ({ view }) => view.products.find((p) => p.product_id === id))
  const takers = product ? takersOf(product) : []
  const at = takers.findIndex(({ allocation }) => allocation.user_id === user)
  const goods = takers[at]
  const [text, setText] = useState(() => amountInput(goods?.received ?? 0))
  if (product === undefined || goods === undefined) return null
  const typed = parseAmount(text)
  const free = milli(product.item?.shrink ?? '0')
  const next = takers[at + 1]
  const save = (event: React.FormEvent) => {
    event.preventDefault()
    if (typed === undefined) return
    if (typed !== goods.received) {
      void act(store, { type: 'set_received', user_id: user, product_id: id, received: wire(typed) })
    }
    if (next) onNext(next)
    else onClose()
  }
  return (
    <Sheet title={t('hand.weighTitle', { what: product.name, name: store.nameOf(user) })} onClose={onClose}>
      <form className={styles.form} onSubmit={save}>
        <p className={styles.scale} aria-hidden="true">
          {typed === undefined ? '–' : quantity(typed, product.unit)}
        </p>
        <Input
          label={t('hand.received')}
          hint={t('hand.wished', { amount: quantity(goods.wished, product.unit) })}
          error={typed === undefined ? t('form.invalid') : undefined}
          big
          unit={unit(product.unit, typed)}
          inputMode="decimal"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onFocus={(event) => event.target.select()}
          autoFocus
        />
        {free > 0 && <p className={styles.quiet}>{t('hand.free', { amount: quantity(free, product.unit) })}</p>}
        <Button type="submit" disabled={typed === undefined} wide>
          {t('hand.weighSave')}
        </Button>
        {next && <p className={styles.quiet}>{t('hand.next', { name: store.nameOf(next.allocation.user_id) })}</p>}
      </form>
    </Sheet>
  )
}
