/** A list of the server page by page, as one list. */

import { useInfiniteQuery } from '@tanstack/react-query'
import type { Problem } from './client'

interface PageOf<Item> {
  items: Item[]
  next_cursor: string | null
}

interface Ask {
  cursor: string | undefined
  signal: AbortSignal
}

/** Asked for again whenever a page shows it: for lists of which nobody says when they change. */
export function usePages<Item>(key: readonly unknown[], ask: (about: Ask) => Promise<PageOf<Item>>) {
  const answer = useInfiniteQuery<
    PageOf<Item>,
    Problem,
    { pages: PageOf<Item>[] },
    readonly unknown[],
    string | undefined
  >({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => ask({ cursor: pageParam, signal }),
    initialPageParam: undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: 0,
    placeholderData: (before) => before,
  })
  return { items: answer.data?.pages.flatMap((page) => page.items), answer }
}
