import { useState } from 'react'
import { useLocation } from 'wouter'
import { getGroups, getGroupsGroupRuns, putRunsRunBidsProductId } from '../../api/gen/operations.gen'
import type { CatalogueProduct, Group, RunSummary } from '../../api/gen/types.gen'
import { complain } from '../../api/problems'
import { t } from '../../i18n'
import { amountInput, milli, parseAmount, unit, wire } from '../../i18n/format'
import { uuid } from '../../live/uuid'
import { StateBadge } from '../../ui/Badges'
import { ErrorCard, Skeleton } from '../../ui/Cards'
import { Input } from '../../ui/Field'
import { stride } from '../../ui/Qty'
import rows from '../../ui/Rows.module.css'
import { Sheet } from '../../ui/Sheet'

interface Props {
  product: CatalogueProduct
  onClose(): void
}

/** How much, and to which of the runs that still take bids. */
export function AddToRun({ product, onClose }: Props) {
  const [, navigate] = useLocation()
  const step = milli(product.step)
  const [typed, setTyped] = useState(() => amountInput(stride(step, step)))
  // One thing a person does has one id, however often it has to be sent.
  const [commandId] = useState(uuid)
  const thousandths = parseAmount(typed)
  const groups = getGroups.use({ query: { limit: 100 } })
  const add = async (run: RunSummary) => {
    if (!thousandths) return
    try {
      const path = { run: run.id, product_id: product.id }
      await putRunsRunBidsProductId.call({ path, body: { quantity: wire(thousandths) }, commandId })
      navigate(`/runs/${run.id}`)
    } catch (error) {
      complain(error)
    }
  }
  return (
    <Sheet title={t('product.addToRun')} onClose={onClose}>
      <div className={rows.form}>
        <Input
          label={t('bid.title')}
          big
          unit={unit(product.unit, thousandths)}
          inputMode="decimal"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          error={thousandths ? undefined : t('form.invalid')}
          autoFocus
        />
        {groups.error && !groups.data && <ErrorCard error={groups.error} onRetry={() => void groups.refetch()} />}
        {groups.isPending && <Skeleton heights={[60, 60]} />}
        {groups.data?.items.length === 0 && <p className={rows.quiet}>{t('product.noRuns')}</p>}
        {groups.data?.items.map((group) => (
          <RunsOf key={group.id} group={group} disabled={!thousandths} onChoose={(run) => void add(run)} />
        ))}
      </div>
    </Sheet>
  )
}

interface RunsProps {
  group: Group
  disabled: boolean
  onChoose(run: RunSummary): void
}

function RunsOf({ group, disabled, onChoose }: RunsProps) {
  const { data } = getGroupsGroupRuns.use({ path: { group: group.id }, query: { limit: 100 } })
  const open = data?.items.filter(({ state }) => state === 'planning' || state === 'active') ?? []
  return (
    <section>
      <h3 className={rows.quiet}>{group.name}</h3>
      {data && open.length === 0 && <p className={rows.quiet}>{t('product.noRuns')}</p>}
      <ul className={rows.rows}>
        {open.map((run) => (
          <li key={run.id}>
            <button type="button" className={rows.link} disabled={disabled} onClick={() => onChoose(run)}>
              <span className={rows.what}>
                <b>{run.store_name}</b>
                {run.comment && <small>{run.comment}</small>}
              </span>
              <StateBadge state={run.state} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
