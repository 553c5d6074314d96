import { useSyncExternalStore } from 'react'
import type { EventEnvelope } from '../../api/gen/types.gen'
import { type Key, knows, t } from '../../i18n'
import { milli, quantity, time } from '../../i18n/format'
import type { RunStore } from '../../live/run-store'
import { Card } from '../../ui/Cards'
import styles from './Run.module.css'

/** What happened since the page was opened. */
export function News({ store }: { store: RunStore }) {
  const news = useSyncExternalStore(store.subscribe, () => store.news)
  return (
    <Card title={t('run.justNow')}>
      {news.length === 0 && <p className={styles.hint}>{t('run.nothingYet')}</p>}
      <ul className={styles.news}>
        {news.map((event) => (
          <li key={event.seq}>
            <span>{tell(store, event)}</span>
            <time dateTime={event.at}>{time(event.at)}</time>
          </li>
        ))}
      </ul>
    </Card>
  )
}

function tell(store: RunStore, event: EventEnvelope): string {
  const values = { who: 'user_id' in event ? store.nameOf(event.user_id) : '', what: '', amount: '' }
  const product =
    'product_id' in event ? store.shown?.view.products.find((p) => p.product_id === event.product_id) : undefined
  if (product) values.what = product.name
  switch (event.type) {
    case 'participant_joined':
      return t('news.participant_joined', { who: event.name })
    case 'product_added':
      return t('news.product_added', { what: event.product.name })
    case 'bid_placed':
      if (event.interested_only) return t('news.bid_interested', values)
      return t('news.bid_placed', { ...values, amount: quantity(milli(event.quantity), product?.unit ?? 'piece') })
    case 'ready_set':
      return t(event.ready ? 'news.ready_set' : 'news.unready', values)
    default: {
      const key = `news.${event.type}`
      return knows(key) ? t(key as Key, values) : t('news.other')
    }
  }
}
