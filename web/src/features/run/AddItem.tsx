import { useState } from 'react'
import { t } from '../../i18n'
import { amountInput, milli, parseAmount, unit, wire } from '../../i18n/format'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { Button } from '../../ui/Button'
import { Input, Select } from '../../ui/Field'
import { stride } from '../../ui/Qty'
import { Sheet } from '../../ui/Sheet'
import AddProduct from './AddProduct'
import { act } from './act'
import type { Chosen } from './BidSheet'
import styles from './Run.module.css'

interface Props {
  store: RunStore
  me: string
  onClose(): void
}

/** Something nobody bid on goes on the list, for the person who is to have it. */
export default function AddItem({ store, me, onClose }: Props) {
  const [chosen, setChosen] = useState<Chosen>()
  if (chosen === undefined) return <AddProduct store={store} onClose={onClose} onChoose={setChosen} />
  return <ItemForm store={store} me={me} chosen={chosen} onClose={onClose} />
}

function ItemForm({ store, me, chosen, onClose }: Props & { chosen: Chosen }) {
  const people = useShown(store, ({ view }) => view.participants) ?? []
  const [text, setText] = useState(() => amountInput(stride(milli(chosen.step), milli(chosen.pack ?? chosen.step))))
  const [person, setPerson] = useState(me)
  const thousandths = parseAmount(text)
  const add = async (event: React.FormEvent) => {
    event.preventDefault()
    if (!thousandths) return
    const command = {
      type: 'add_item',
      product_id: chosen.product_id,
      quantity: wire(thousandths),
      for: person,
    } as const
    onClose()
    await act(store, command)
  }
  return (
    <Sheet title={chosen.name} onClose={onClose}>
      <form className={styles.form} onSubmit={add}>
        <Input
          label={t('bid.title')}
          big
          unit={unit(chosen.unit, thousandths)}
          inputMode="decimal"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onFocus={(event) => event.target.select()}
          error={thousandths ? undefined : t('form.invalid')}
          autoFocus
        />
        <Select label={t('shop.addFor')} value={person} onChange={(event) => setPerson(event.target.value)}>
          {people
            .filter(({ removed }) => !removed)
            .map(({ user_id, name }) => (
              <option key={user_id} value={user_id}>
                {name}
              </option>
            ))}
        </Select>
        <Button type="submit" icon="plus" disabled={!thousandths} wide>
          {t('shop.addItem')}
        </Button>
      </form>
    </Sheet>
  )
}
