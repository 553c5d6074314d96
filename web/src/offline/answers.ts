/** Answers of the server kept on the device, so that lists are there without a network. */

import { dehydrate, hydrate } from '@tanstack/react-query'
import { queries } from '../api/queries'
import { currentSession } from '../session'
import { kept } from './kept'

const KEEP_AFTER_MS = 2_000

/** Brings back what was known. Waiting longer for a slow disk is worse than asking the server. */
export async function remember(patienceMs: number): Promise<void> {
  await Promise.race([recall().catch(() => {}), new Promise((resolve) => setTimeout(resolve, patienceMs))])
}

/** Remembers what comes. */
export function keepAnswers(): void {
  let isDue = false
  queries.getQueryCache().subscribe(({ type }) => {
    if (type !== 'updated' || isDue) return
    isDue = true
    setTimeout(() => {
      isDue = false
      void keep().catch(() => {})
    }, KEEP_AFTER_MS)
  })
}

function key(): string | undefined {
  const session = currentSession()
  return session.status === 'in' ? session.me.id : undefined
}

async function recall(): Promise<void> {
  const user = key()
  if (user === undefined) return
  const found = await (await kept()).get('answers', user)
  // Old answers are shown at once and asked for again.
  if (found !== undefined && key() === user)
    hydrate(queries, JSON.parse(found.text), { defaultOptions: { queries: { gcTime: 86_400_000 } } })
}

async function keep(): Promise<void> {
  const user = key()
  if (user === undefined) return
  const text = JSON.stringify(
    dehydrate(queries, {
      shouldDehydrateQuery: ({ state, queryKey }) => state.status === 'success' && isList(queryKey),
    }),
  )
  await (await kept()).put('answers', { key: user, text })
}

const KEPT = /^\/api\/v1\/(groups(\/\{group\}(\/(runs|members))?)?|runs\/\{run\}\/families)$/

/** Groups, their runs and members, what to pick in the store; previews and searches are of the moment. */
function isList([route]: readonly unknown[]): boolean {
  return typeof route === 'string' && KEPT.test(route)
}
