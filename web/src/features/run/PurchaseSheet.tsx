import { useState } from 'react'
import type { FamilyMember, Unit } from '../../api/gen/types.gen'
import { t } from '../../i18n'
import { amountInput, milli, money, moneyInput, parseAmount, parseMoney, quantity, unit, wire } from '../../i18n/format'
import { useShown } from '../../live'
import { lineCost } from '../../live/fold'
import type { RunStore } from '../../live/run-store'
import type { Act } from '../../offline/purchases'
import { Button } from '../../ui/Button'
import { Check, Input, Select } from '../../ui/Field'
import { Sheet } from '../../ui/Sheet'
import run from './Run.module.css'
import styles from './Shopping.module.css'
import { expectedCost, type ShoppingLine } from './shopping-lines'

interface Props {
  store: RunStore
  me: string
  line: ShoppingLine
  /** Those it may be, if it is a family. */
  members: readonly FamilyMember[]
  mayBuy: boolean
  onTap(act: Act): void
  onClose(): void
}

/** Another amount, another price, a second part. */
export function PurchaseSheet({ mayBuy, ...about }: Props) {
  const { store, line, onClose } = about
  const currency = useShown(store, ({ view }) => view.currency) ?? 'EUR'
  const { product } = line
  return (
    <Sheet title={product.name} onClose={onClose}>
      <Parts store={store} line={line} currency={currency} />
      {mayBuy && <PurchaseForm {...about} currency={currency} />}
    </Sheet>
  )
}

/** What is recorded of it, shelf by shelf. */
function Parts({ store, line, currency }: { store: RunStore; line: ShoppingLine; currency: string }) {
  const { product, requested } = line
  const parts = product.item?.parts ?? []
  const wanted = product.bids.filter((bid) => !bid.interested_only)
  return (
    <ul className={styles.parts}>
      <li>{t('shop.wanted', { amount: quantity(requested, product.unit) })}</li>
      {wanted.map((bid) => (
        <li key={bid.user_id}>
          {store.nameOf(bid.user_id)}: {quantity(milli(bid.quantity), product.unit)}
          {bid.comment && ` · ${bid.comment}`}
        </li>
      ))}
      {parts.map((part, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a part is known by its place
        <li key={i}>
          {t('shop.part', {
            amount: [quantity(milli(part.quantity), product.unit), part.picked?.name].filter(Boolean).join(' '),
            total: money(part.total, currency),
            who: store.nameOf(part.payer_id),
          })}
        </li>
      ))}
    </ul>
  )
}

type FormProps = Omit<Props, 'mayBuy'> & { currency: string }

function PurchaseForm({ store, me, line, members, currency, onTap, onClose }: FormProps) {
  const { product, requested, bought, total, isBought } = line
  const [picked, setPicked] = useState(() => product.item?.parts?.at(-1)?.picked ?? undefined)
  const [text, setText] = useState(() => amountInput(isBought ? bought : requested))
  const [paid, setPaid] = useState(() => paidAtFirst(line, currency))
  const [payer, setPayer] = useState(() => line.product.item?.parts?.at(-1)?.payer_id ?? me)
  const [isMore, setMore] = useState(false)
  const [thousandths, minor] = [parseAmount(text), parseMoney(paid, currency)]
  const isPicked = members.length === 0 || picked !== undefined
  const isGood = isPicked && thousandths !== undefined && thousandths > 0 && minor !== undefined && minor > 0

  const save = (event: React.FormEvent) => {
    event.preventDefault()
    if (!isGood) return
    onTap({
      kind: isMore ? 'add' : 'record',
      quantity: wire(thousandths),
      total: minor,
      payer: payer === me ? undefined : payer,
      picked,
    })
    onClose()
  }
  /** What it costs at its own price, until somebody reads the till. */
  const pick = (member: FamilyMember) => {
    setPicked({ product_id: member.product_id, name: member.name })
    if (member.price != null && thousandths) setPaid(moneyInput(lineCost(member.price, wire(thousandths)), currency))
  }
  const more = (wants: boolean) => {
    setMore(wants)
    setText(wants ? amountInput(Math.max(0, requested - bought)) : amountInput(bought))
    setPaid(wants ? '' : moneyInput(total, currency))
  }
  return (
    <form className={run.form} onSubmit={save}>
      {isBought && (
        <Check label={t('shop.addPart')} checked={isMore} onChange={(event) => more(event.target.checked)} />
      )}
      {members.length > 0 && (
        <Members members={members} unit={product.unit} currency={currency} picked={picked?.product_id} onPick={pick} />
      )}
      <Input
        label={t('shop.quantity')}
        big
        unit={unit(product.unit, thousandths)}
        inputMode="decimal"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onFocus={(event) => event.target.select()}
        error={thousandths === undefined ? t('form.invalid') : undefined}
      />
      <Input
        label={t('shop.total')}
        big
        unit={currency}
        inputMode="decimal"
        value={paid}
        onChange={(event) => setPaid(event.target.value)}
        onFocus={(event) => event.target.select()}
        autoFocus
      />
      <Payer store={store} value={payer} onChange={setPayer} />
      {isGood && (
        <p className={run.hint}>
          {t('shop.unitPrice', {
            price: money(Math.round((minor * 1000) / thousandths), currency),
            unit: unit(product.unit),
          })}
        </p>
      )}
      <div className={run.buttons}>
        {isBought && (
          <Button
            kind="dangerText"
            icon="undo"
            onClick={() => {
              onTap({ kind: 'undo' })
              onClose()
            }}
          >
            {t('shop.undo')}
          </Button>
        )}
        <Button type="submit" disabled={!isGood}>
          {t('shop.record')}
        </Button>
      </div>
    </form>
  )
}

interface MembersProps {
  members: readonly FamilyMember[]
  unit: Unit
  currency: string
  picked: string | undefined
  onPick(member: FamilyMember): void
}

/** People want any of a family: whoever stands at the shelf says which. */
function Members({ members, unit: of, currency, picked, onPick }: MembersProps) {
  return (
    <fieldset className={styles.members}>
      <legend>{t('shop.which')}</legend>
      {members.map((member) => (
        <label key={member.product_id}>
          <input type="radio" name="picked" checked={member.product_id === picked} onChange={() => onPick(member)} />
          <span>
            {member.name}
            {member.brand && <small>{member.brand}</small>}
          </span>
          {member.price != null && (
            <span className="number">
              {money(member.price, currency)} <small>{t('run.per', { unit: unit(of) })}</small>
            </span>
          )}
        </label>
      ))}
    </fieldset>
  )
}

function Payer({ store, value, onChange }: { store: RunStore; value: string; onChange(user: string): void }) {
  const people = useShown(store, ({ view }) => view.participants) ?? []
  return (
    <Select label={t('shop.payer')} value={value} onChange={(event) => onChange(event.target.value)}>
      {people
        .filter(({ removed, user_id }) => !removed || user_id === value)
        .map(({ user_id, name }) => (
          <option key={user_id} value={user_id}>
            {name}
          </option>
        ))}
    </Select>
  )
}

function paidAtFirst(line: ShoppingLine, currency: string): string {
  const minor = line.isBought ? line.total : expectedCost(line)
  return minor === undefined ? '' : moneyInput(minor, currency)
}
