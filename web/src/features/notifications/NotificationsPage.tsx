import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { getNotifications, putNotificationsNotificationRead, putNotificationsRead } from '../../api/gen/operations.gen'
import type { Notification } from '../../api/gen/types.gen'
import { complain } from '../../api/problems'
import { t } from '../../i18n'
import { fromNow } from '../../i18n/format'
import { told } from '../../live/me'
import { iconOf } from '../../ui/Badges'
import { Button, IconButton } from '../../ui/Button'
import { cardClass, EmptyState, ErrorCard, Skeleton } from '../../ui/Cards'
import { Icon, type IconName } from '../../ui/Icon'
import { Page } from '../../ui/Page'
import rows from '../../ui/Rows.module.css'
import styles from './Notifications.module.css'

const PAGE = 30

export default function NotificationsPage() {
  const { data, error, refetch, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: [getNotifications.route, 'pages'],
    queryFn: ({ pageParam, signal }) => getNotifications.call({ query: { limit: PAGE, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
  })
  const items = data?.pages.flatMap((page) => page.items) ?? []
  const readAll = (
    <IconButton icon="check" label={t('notice.readAll')} onClick={() => void read(() => putNotificationsRead.call())} />
  )
  return (
    <Page title={t('nav.notifications')} live narrow actions={items.some((item) => !item.read) ? readAll : undefined}>
      {isPending && <Skeleton heights={[80, 80, 80]} />}
      {error && !data && <ErrorCard error={error} onRetry={() => void refetch()} />}
      {data && items.length === 0 && (
        <EmptyState icon="bell" title={t('notice.none')}>
          {t('notice.noneText')}
        </EmptyState>
      )}
      {items.length > 0 && (
        <ul className={`${cardClass} ${rows.rows}`}>
          {items.map((item) => (
            <Row key={item.id} item={item} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <Button kind="quiet" wide disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('action.loadMore')}
        </Button>
      )}
    </Page>
  )
}

async function read(send: () => Promise<unknown>): Promise<void> {
  try {
    await send()
    told()
  } catch (error) {
    complain(error)
  }
}

function Row({ item }: { item: Notification }) {
  const readIt = () => read(() => putNotificationsNotificationRead.call({ path: { notification: item.id } }))
  const said = saidOf(item)
  return (
    <li data-unread={!item.read} className={styles.row}>
      <Link className={rows.link} href={`/runs/${item.run_id}`} onClick={() => void (item.read || readIt())}>
        <span className={styles.icon}>
          <Icon name={item.state ? iconOf(item.state) : ICONS[item.kind]} />
        </span>
        <span className={rows.what}>
          <b>{said}</b>
          <small>
            {item.store_name} · {fromNow(item.updated_at)}
            {item.count > 1 && ` · ${t('notice.count', { n: item.count })}`}
          </small>
        </span>
        {!item.read && <span className="hidden">({t('notice.unread')})</span>}
      </Link>
      {!item.read && <IconButton icon="check" label={t('notice.read', { what: said })} onClick={() => void readIt()} />}
    </li>
  )
}

const ICONS: Record<Notification['kind'], IconName> = {
  state_changed: 'arrow',
  everyone_ready: 'check',
  gap_open: 'plus',
  bid_for_you: 'basket',
  wanted_shrunk: 'warning',
  helper_appointed: 'people',
  handover_offered: 'swap',
  handover_ended: 'swap',
  leader_changed: 'swap',
  removed: 'cancel',
  mention: 'message',
}

function saidOf({ kind, state }: Notification): string {
  if (kind === 'state_changed' && state) return t('notice.state', { state: t(`state.${state}`) })
  return t(`notice.${kind}`)
}
