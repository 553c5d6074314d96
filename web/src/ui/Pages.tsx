import type { ReactNode } from 'react'
import type { usePages } from '../api/pages'
import { t } from '../i18n'
import { Button } from './Button'
import { ErrorCard, Skeleton } from './Cards'

interface Props {
  of: ReturnType<typeof usePages<unknown>>
  /** Instead of nothing. */
  empty: ReactNode
  children: ReactNode
}

/** Whatever a list is just now: on its way, refused, empty, there, and whether there is more of it. */
export function Pages({ of, empty, children }: Props) {
  const { items, answer } = of
  if (items === undefined) {
    if (answer.error) return <ErrorCard error={answer.error} onRetry={() => void answer.refetch()} />
    return <Skeleton heights={[64, 64, 64]} />
  }
  if (items.length === 0) return empty
  return (
    <>
      {children}
      {answer.hasNextPage && (
        <Button kind="quiet" wide disabled={answer.isFetchingNextPage} onClick={() => void answer.fetchNextPage()}>
          {t('action.loadMore')}
        </Button>
      )}
    </>
  )
}
