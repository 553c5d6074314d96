/** What is said about a run, as pages of the query cache, latest first. */

import { getRunsRunMessages } from '../api/gen/operations.gen'
import type { RunMessage } from '../api/gen/types.gen'
import { queries } from '../api/queries'

export type Messages = { pages: { items: RunMessage[]; next_cursor: string | null }[]; pageParams: unknown[] }

export const messagesKey = (run: string) => [getRunsRunMessages.route, run] as const

/** A message that came, or undefined if some may have been missed. */
export function messageCame(run: string, message: RunMessage | undefined): void {
  if (message === undefined) void queries.invalidateQueries({ queryKey: messagesKey(run) })
  else queries.setQueryData<Messages>(messagesKey(run), (known) => known && withMessage(known, message))
}

/** Once, however often it is heard of. */
export function withMessage(known: Messages, message: RunMessage): Messages {
  const [first, ...rest] = known.pages
  if (first === undefined || known.pages.some(({ items }) => items.some(({ id }) => id === message.id))) return known
  return { ...known, pages: [{ ...first, items: [message, ...first.items] }, ...rest] }
}
