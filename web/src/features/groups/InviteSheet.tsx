import { useQuery } from '@tanstack/react-query'
import { postGroupsGroupInvites } from '../../api/gen/operations.gen'
import type { Group } from '../../api/gen/types.gen'
import { t } from '../../i18n'
import { Button } from '../../ui/Button'
import { ErrorCard, Skeleton } from '../../ui/Cards'
import { Sheet } from '../../ui/Sheet'
import { toast } from '../../ui/toasts'
import styles from './Groups.module.css'

/** A fresh link as a QR code: held up, scanned, joined. */
export function InviteSheet({ group, onClose }: { group: Group; onClose(): void }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['invite', group.id],
    queryFn: () => makeInvite(group.id),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
  return (
    <Sheet title={t('groups.inviteTitle', { group: group.name })} onClose={onClose}>
      {error && <ErrorCard error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton heights={[280, 44]} />}
      {data && (
        <div className={styles.qr}>
          <p className={styles.quiet}>{t('groups.inviteText')}</p>
          <Qr svg={data.svg} />
          <p className={styles.link}>{data.link}</p>
          <div className={styles.row}>
            {typeof navigator.share === 'function' && (
              <Button
                icon="share"
                onClick={() => void navigator.share({ title: group.name, url: data.link }).catch(() => {})}
              >
                {t('action.share')}
              </Button>
            )}
            <Button kind="quiet" icon="copy" onClick={() => copy(data.link)}>
              {t('action.copy')}
            </Button>
          </div>
        </div>
      )}
    </Sheet>
  )
}

function Qr({ svg }: { svg: { path: string; size: number } }) {
  return (
    <svg
      viewBox={`0 0 ${svg.size} ${svg.size}`}
      role="img"
      aria-label={t('groups.inviteQr')}
      shapeRendering="crispEdges"
    >
      <path d={svg.path} fill="#000" />
    </svg>
  )
}

async function makeInvite(group: string): Promise<{ link: string; svg: { path: string; size: number } }> {
  const [{ encode }, invite] = await Promise.all([
    import('uqr'),
    postGroupsGroupInvites.call({ path: { group }, body: {} }),
  ])
  const link = `${location.origin}/invite/${invite.token}`
  const { data, size } = encode(link, { border: 1 })
  const squares = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : [])))
  return { link, svg: { path: squares.join(''), size } }
}

function copy(link: string): void {
  void navigator.clipboard?.writeText(link).then(() => toast(t('action.copied')))
}
