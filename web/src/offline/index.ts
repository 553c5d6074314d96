/** The one outbox of this page, for the person who is logged in. */

import { useSyncExternalStore } from 'react'
import { connection } from '../live'
import { uuid } from '../live/uuid'
import { currentSession, onSession } from '../session'
import { whenIdle } from '../ui/pieces'
import { shelfOf } from './kept'
import { Outbox } from './outbox'
import type { Entry } from './purchases'

const NOTHING: readonly Entry[] = []
let open: { user: string; outbox: Outbox } | undefined
/** Other tabs of this browser show the same shelf. */
const neighbours = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('bulq-outbox')

/** Sends what waits, whichever page is shown. */
export function startOutbox(): void {
  onSession(follow)
  follow()
  neighbours?.addEventListener('message', () => void open?.outbox.start())
}

function follow(): void {
  const session = currentSession()
  if (session.status !== 'in') {
    open = undefined
    return
  }
  if (open?.user === session.me.id) return
  const outbox = new Outbox(shelfOf(session.me.id), (sending) => connection.command(sending), uuid)
  open = { user: session.me.id, outbox }
  whenIdle(() => void outbox.start())
}

export function outbox(): Outbox | undefined {
  return open?.outbox
}

export function tellNeighbours(): void {
  neighbours?.postMessage('changed')
}

export function useOutbox(): readonly Entry[] {
  const now = open?.outbox
  return useSyncExternalStore(now?.subscribe ?? (() => () => {}), () => now?.entries ?? NOTHING)
}
