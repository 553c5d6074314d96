/** A new version of the app: it waits until the person agrees, because using it means loading the page anew. */

import { useSyncExternalStore } from 'react'

let waiting: ServiceWorker | undefined
let agreed = false
const listeners = new Set<() => void>()

function offer(worker: ServiceWorker | null): void {
  waiting = worker ?? undefined
  for (const listener of listeners) listener()
}

const KEPT = 'bulq.kept'

/** Whether this is not the first time that the app is opened here. */
export const isKept = (): boolean => localStorage.getItem(KEPT) !== null

/** Keeps the app on the device, and notices when the server has a newer one. */
export async function keepApp(): Promise<void> {
  localStorage.setItem(KEPT, 'yes')
  if (!('serviceWorker' in navigator)) return
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    // Another tab may have agreed; this one goes on with what it has until it is loaded again.
    if (agreed) location.reload()
  })
  const registration = await navigator.serviceWorker.register('/sw.js')
  if (registration.waiting && navigator.serviceWorker.controller) offer(registration.waiting)
  registration.addEventListener('updatefound', () => follow(registration))
  follow(registration)
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void registration.update().catch(() => {})
  })
}

/** The first version ever has nothing to replace. */
function follow(registration: ServiceWorkerRegistration): void {
  const worker = registration.installing
  worker?.addEventListener('statechange', () => {
    if (worker.state === 'installed' && navigator.serviceWorker.controller) offer(worker)
  })
}

export function useUpdate(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => waiting !== undefined,
  )
}

export function takeNewVersion(): void {
  agreed = true
  waiting?.postMessage('use-new-version')
}

export function later(): void {
  offer(null)
}
