import { t } from '../../i18n'
import { money } from '../../i18n/format'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { myEstimate, myShare, paid } from './figures'
import styles from './Run.module.css'

/** My share, everybody's, and how many products will be bought: as estimated, later as paid. */
export function Totals({ store, me }: { store: RunStore; me: string }) {
  const currency = useShown(store, ({ view }) => view.currency) ?? 'EUR'
  const isFinal = useShown(store, ({ view }) => view.products.some((p) => p.item?.allocations?.length)) ?? false
  const mine =
    useShown(store, ({ view }) => (isFinal ? myShare(view.products, me) : myEstimate(view.products, me))) ?? 0
  const total = useShown(store, ({ view }) => (isFinal ? paid(view.products) : view.estimate)) ?? 0
  const products = useShown(store, ({ view }) => view.products.length) ?? 0
  const reached =
    useShown(
      store,
      ({ view }) => view.products.filter((p) => (p.item ? Number(p.item.bought) > 0 : p.plan.packs > 0)).length,
    ) ?? 0
  return (
    <dl className={styles.totals}>
      <div className={styles.stat} data-mine>
        <dt>
          <span>{t(isFinal ? 'run.yourShare' : 'run.yourBids')}</span>
        </dt>
        <dd>
          <strong>{money(mine, currency)}</strong>
        </dd>
      </div>
      <div className={styles.stat}>
        <dt>
          <span>{t('run.total')}</span>
        </dt>
        <dd>
          <strong>{money(total, currency)}</strong> <em>{t(isFinal ? 'run.final' : 'run.estimate')}</em>
        </dd>
      </div>
      <div className={styles.stat}>
        <dt>
          <span>{t('run.reached')}</span>
        </dt>
        <dd>
          <strong>{t('run.reachedOf', { n: reached, of: products })}</strong>
        </dd>
      </div>
    </dl>
  )
}
