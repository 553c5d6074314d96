/** The one live connection of this page, and the runs that are open. */

import { useEffect, useState, useSyncExternalStore } from 'react'
import { send } from '../api/client'
import { takeEarly } from '../early'
import { keepRun, keptRun } from '../offline/kept'
import { currentSession, end, onSession } from '../session'
import { browserWorld } from './browser-world'
import { LiveConnection, type Status } from './connection'
import { messageCame } from './messages'
import { type Guards, RunStore, type Shown } from './run-store'
import { uuid } from './uuid'

const LINGER_MS = 30_000
const KEEP_AFTER_MS = 1_000

export const connection = new LiveConnection(browserWorld)
const statusListeners = new Set<() => void>()
connection.onStatus = () => {
  for (const listener of statusListeners) listener()
}
connection.onLoggedOut = () => void end()

let guards: Guards | undefined
let areGuardsAsked = false
const open = new Map<string, { store: RunStore; users: number; close: () => void }>()

/** Follows the session: connected while somebody is logged in. */
export function startLive(): void {
  const follow = () => {
    if (currentSession().status !== 'in') {
      connection.stop()
      for (const { close } of open.values()) close()
      open.clear()
      return
    }
    connection.start()
    if (areGuardsAsked) return
    areGuardsAsked = true
    void send<Guards>('GET', '/api/v1/guards').then(
      (answer) => {
        guards = answer
      },
      () => {
        areGuardsAsked = false
      },
    )
  }
  onSession(follow)
  follow()
  addEventListener('online', () => connection.wake())
  addEventListener('offline', () => connection.sleep())
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && connection.wake())
}

export function useLiveStatus(): Status {
  return useSyncExternalStore(
    (listener) => {
      statusListeners.add(listener)
      return () => statusListeners.delete(listener)
    },
    () => connection.status,
  )
}

/** The run, connected as long as somebody shows it and a little longer. */
export function useRun(id: string): RunStore {
  const [store, setStore] = useState(() => of(id).store)
  if (store.id !== id) setStore(of(id).store)
  useEffect(() => {
    const entry = of(id)
    setStore(entry.store)
    entry.users += 1
    return () => {
      entry.users -= 1
      setTimeout(() => closeIfUnused(id), LINGER_MS)
    }
  }, [id])
  return store
}

/** A part of what is shown. `select` must answer the same object as long as nothing changed in it. */
export function useShown<Part>(store: RunStore, select: (shown: Shown) => Part): Part | undefined {
  return useSyncExternalStore(store.subscribe, () => store.shown && select(store.shown))
}

export function useGone(store: RunStore): RunStore['gone'] {
  return useSyncExternalStore(store.subscribe, () => store.gone)
}

function of(id: string) {
  const known = open.get(id)
  if (known !== undefined) return known
  const session = currentSession()
  const me = session.status === 'in' ? session.me.id : ''
  const store = new RunStore(id, me, connection, () => guards, uuid)
  const letGo = connection.hold(store.topic, store)
  const stopKeeping = keep(store, me)
  store.onMessage = (message) => messageCame(id, message)
  takeEarly(id, (view) => store.remember(view, true))
  void keptRun(me, id).then(
    (view) => view && store.remember(view),
    () => {},
  )
  const close = () => {
    letGo()
    stopKeeping()
  }
  const entry = { store, users: 0, close }
  open.set(id, entry)
  setTimeout(() => closeIfUnused(id), LINGER_MS)
  return entry
}

function closeIfUnused(id: string): void {
  const entry = open.get(id)
  if (entry === undefined || entry.users > 0) return
  open.delete(id)
  entry.close()
}

/** Remembers the run on this device, a moment after it changed. */
function keep(store: RunStore, me: string): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const save = () => {
    timer = undefined
    if (store.confirmed !== undefined && store.gone === undefined) void keepRun(me, store.confirmed).catch(() => {})
  }
  const stop = store.subscribe(() => {
    timer ??= setTimeout(save, KEEP_AFTER_MS)
  })
  return () => {
    stop()
    clearTimeout(timer)
  }
}
