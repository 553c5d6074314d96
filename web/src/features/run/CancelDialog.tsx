import { useState } from 'react'
import { getRunsRunCancellation } from '../../api/gen/operations.gen'
import type { CancellationPreview, CancelledItem, Outcome } from '../../api/gen/types.gen'
import { explainCode } from '../../api/problems'
import { t } from '../../i18n'
import { money } from '../../i18n/format'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { Button } from '../../ui/Button'
import { ErrorCard, Skeleton } from '../../ui/Cards'
import { Select, TextArea } from '../../ui/Field'
import { Icon } from '../../ui/Icon'
import { Sheet } from '../../ui/Sheet'
import { toast } from '../../ui/toasts'
import { useLevel } from './about'
import styles from './Settling.module.css'

type Outcomes = Record<string, Outcome>

/** What it would mean first, the reason then. A run that changed while it was read about is not cancelled. */
export default function CancelDialog({ store, onClose }: { store: RunStore; onClose(): void }) {
  const name = useShown(store, ({ view }) => view.store_name) ?? ''
  const [outcomes, setOutcomes] = useState<Outcomes>({})
  const [readTo, setReadTo] = useState<number>()
  const [changed, setChanged] = useState(false)
  const query = { outcomes: wireOutcomes(outcomes) }
  const preview = getRunsRunCancellation.use(
    { path: { run: store.id }, query },
    { staleTime: 0, gcTime: 0, placeholderData: (before) => before },
  )
  const isLevel = useLevel(store, preview) && !preview.isPlaceholderData
  if (preview.isPending) {
    return (
      <Sheet title={t('run.cancelTitle', { store: name })} onClose={onClose}>
        <Skeleton heights={[60, 90, 160]} />
      </Sheet>
    )
  }
  if (!preview.data) {
    return (
      <Sheet title={t('run.cancelTitle', { store: name })} onClose={onClose}>
        <ErrorCard error={preview.error} onRetry={() => void preview.refetch()} />
      </Sheet>
    )
  }
  const cancel = async (reason: string) => {
    const chosen = Object.entries(outcomes).map(([product_id, outcome]) => ({ product_id, outcome }))
    const outcome = await store.ask({ type: 'cancel', reason, expected_seq: readTo, outcomes: chosen })
    if (outcome.kind === 'committed') return onClose()
    if (outcome.code !== 'EXPECTED_SEQ_CONFLICT') return toast(explainCode(outcome.code, outcome.detail), 'bad')
    setChanged(true)
    setReadTo(undefined)
    void preview.refetch()
  }
  return (
    <Sheet title={t('run.cancelTitle', { store: name })} onClose={onClose}>
      {readTo === undefined ? (
        <div className={styles.form}>
          {changed && (
            <p className={styles.warning} role="alert">
              <Icon name="warning" />
              {t('cancel.stale')}
            </p>
          )}
          <Consequences store={store} preview={preview.data} chosen={outcomes} onChoose={setOutcomes} />
          <div className={styles.buttons}>
            <Button kind="quiet" onClick={onClose}>
              {t('run.cancelKeep')}
            </Button>
            <Button kind="danger" disabled={!isLevel} onClick={() => setReadTo(preview.data.seq)}>
              {t('cancel.next')}
            </Button>
          </div>
        </div>
      ) : (
        <Reason onBack={() => setReadTo(undefined)} onCancel={(reason) => void cancel(reason)} />
      )}
    </Sheet>
  )
}

interface ConsequencesProps {
  store: RunStore
  preview: CancellationPreview
  chosen: Outcomes
  onChoose(outcomes: Outcomes): void
}

function Consequences({ store, preview, chosen, onChoose }: ConsequencesProps) {
  const { void_bids, items, people, state } = preview
  const mayChoose = state === 'shopping' || state === 'adjusting'
  return (
    <>
      <div>
        {void_bids > 0 && <p>{t('run.cancelBids', { n: void_bids })}</p>}
        {void_bids === 0 && items.length === 0 && <p>{t('run.cancelNothing')}</p>}
        <p className={styles.quiet}>{t('run.cancelFinal')}</p>
      </div>
      {items.length > 0 && (
        <section className={styles.section}>
          <h3>{t('cancel.items')}</h3>
          <p className={styles.quiet}>{t(mayChoose ? 'cancel.itemsText' : 'cancel.handedOut')}</p>
          {items.map((item) => (
            <BoughtItem
              key={item.product_id}
              store={store}
              item={item}
              outcome={chosen[item.product_id] ?? item.outcome}
              onChoose={mayChoose ? (outcome) => onChoose({ ...chosen, [item.product_id]: outcome }) : undefined}
            />
          ))}
        </section>
      )}
      {people.some((person) => person.owes_now !== 0 || person.owes_then !== 0) && (
        <People store={store} people={people} />
      )}
    </>
  )
}

interface BoughtProps {
  store: RunStore
  item: CancelledItem
  outcome: Outcome
  onChoose?: (outcome: Outcome) => void
}

const OUTCOMES: Outcome[] = ['returned', 'kept_by_payer', 'shared_anyway']

function BoughtItem({ store, item, outcome, onChoose }: BoughtProps) {
  const currency = useShown(store, ({ view }) => view.currency) ?? 'EUR'
  const name = useShown(store, ({ view }) => view.products.find((p) => p.product_id === item.product_id)?.name) ?? '?'
  // Only what goes back to the store brings money back.
  const refund = outcome === 'returned' && item.refund > 0 && (
    <span className={styles.amount}>{t('cancel.refund', { amount: money(item.refund, currency) })}</span>
  )
  if (onChoose === undefined) {
    return (
      <div className={styles.cost}>
        <span className={styles.what}>
          <b>{name}</b>
          <small>{t(`outcome.${outcome}`)}</small>
        </span>
        {refund}
      </div>
    )
  }
  return (
    <div className={styles.outcome}>
      <Select
        label={
          <>
            {name} <span className="hidden">({t('cancel.outcomeOf', { what: name })})</span>
          </>
        }
        value={outcome}
        onChange={(event) => onChoose(event.target.value as Outcome)}
      >
        {OUTCOMES.map((each) => (
          <option key={each} value={each}>
            {t(`outcome.${each}`)}
          </option>
        ))}
      </Select>
      {refund}
    </div>
  )
}

function People({ store, people }: { store: RunStore; people: CancellationPreview['people'] }) {
  const currency = useShown(store, ({ view }) => view.currency) ?? 'EUR'
  return (
    <section className={styles.section}>
      <h3>{t('cancel.people')}</h3>
      <div className={styles.scroll}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t('settle.person')}</th>
              <th scope="col">{t('cancel.now')}</th>
              <th scope="col">{t('cancel.then')}</th>
            </tr>
          </thead>
          <tbody>
            {people.map(({ user_id, owes_now, owes_then }) => (
              <tr key={user_id}>
                <th scope="row">{store.nameOf(user_id)}</th>
                <td>{money(owes_now, currency)}</td>
                <td data-differs={owes_now !== owes_then}>{money(owes_then, currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Reason({ onBack, onCancel }: { onBack(): void; onCancel(reason: string): void }) {
  const [reason, setReason] = useState('')
  const submit = (event: React.FormEvent) => {
    event.preventDefault()
    onCancel(reason.trim())
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      <TextArea
        label={t('run.cancelReason')}
        hint={t('run.cancelReasonHint')}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        maxLength={500}
        required
        autoFocus
      />
      <div className={styles.buttons}>
        <Button kind="quiet" onClick={onBack}>
          {t('cancel.back')}
        </Button>
        <Button type="submit" kind="danger" disabled={reason.trim() === ''}>
          {t('run.cancelDo')}
        </Button>
      </div>
    </form>
  )
}

/** `<product>:<outcome>,…`, as the query wants it; nothing chosen is nothing said. */
export function wireOutcomes(outcomes: Outcomes): string | undefined {
  const pairs = Object.entries(outcomes).map(([product, outcome]) => `${product}:${outcome}`)
  return pairs.length === 0 ? undefined : pairs.join()
}
