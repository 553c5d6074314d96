/** Who is logged in. The cookie is out of reach of scripts, so a hint is kept: a stranger's first look spares itself a 401. */

import { useSyncExternalStore } from 'react'
import { onProblem, Problem } from './api/client'
import { getAuthMe, postAuthLogout, postAuthSession } from './api/gen/operations.gen'
import type { Me } from './api/gen/types.gen'
import { queries } from './api/queries'
import { forgetOutbox, forgetViews } from './offline/kept'

export type Session = { status: 'unknown' } | { status: 'out' } | { status: 'in'; me: Me }

const HINT = 'bulq.me'
let session: Session = { status: 'unknown' }
const listeners = new Set<(session: Session) => void>()

function put(next: Session): void {
  session = next
  if (next.status === 'in') localStorage.setItem(HINT, JSON.stringify(next.me))
  else if (next.status === 'out') localStorage.removeItem(HINT)
  for (const listener of listeners) listener(next)
}

onProblem((problem) => {
  if (problem.status === 401 && session.status === 'in') void end()
})

export const currentSession = (): Session => session
export const isIn = (): boolean => session.status === 'in'

export function onSession(listener: (session: Session) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useSession(): Session {
  return useSyncExternalStore(onSession, currentSession)
}

/** For pages that are shown only to people who are logged in. */
export function useMe(): Me {
  const now = useSession()
  if (now.status !== 'in') throw new Error('nobody is logged in')
  return now.me
}

/** At the start. With a hint the page opens at once, also without a network. */
export function begin(): void {
  const hint = localStorage.getItem(HINT)
  put(hint === null ? { status: 'out' } : { status: 'in', me: JSON.parse(hint) as Me })
}

/** The server has the last word. */
export async function confirm(): Promise<void> {
  if (!isIn()) return
  try {
    put({ status: 'in', me: await getAuthMe.call() })
  } catch (error) {
    if (error instanceof Problem && error.status === 401) await end()
  }
}

export async function login(username: string, password: string): Promise<void> {
  const me = await postAuthSession.call({ body: { username, password } })
  await forgetOthers(me.id)
  put({ status: 'in', me })
}

export function changed(me: Me): void {
  put({ status: 'in', me })
}

/** The person wants to be gone from this device: nothing of theirs stays on it, sent or not. */
export async function logout(): Promise<void> {
  const now = session
  await postAuthLogout.call().catch(() => {})
  await end()
  if (now.status === 'in') await forgetOutbox(now.me.id).catch(() => {})
}

/** The login is over, wherever it was ended. What waits to be sent stays for when the same person comes back. */
export async function end(): Promise<void> {
  put({ status: 'out' })
  queries.clear()
  await forgetViews().catch(() => {})
}

const LAST = 'bulq.last'

/** Another person on the same device finds nothing of the one before. */
async function forgetOthers(user: string): Promise<void> {
  queries.clear()
  if (localStorage.getItem(LAST) !== user) await forgetViews().catch(() => {})
  localStorage.setItem(LAST, user)
}
