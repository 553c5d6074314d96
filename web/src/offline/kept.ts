/** What this device keeps between visits: the last view of each run, answers of the server, and what waits to be sent. */

import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { RunView } from '../api/gen/types.gen'
import type { Shelf } from './outbox'
import type { Entry } from './purchases'

interface Kept extends DBSchema {
  runs: { key: string; value: { id: string; user: string; view: RunView; keptAt: number } }
  outbox: { key: string; value: Entry }
  answers: { key: string; value: { key: string; text: string } }
}

let opened: Promise<IDBPDatabase<Kept>> | undefined

export function kept(): Promise<IDBPDatabase<Kept>> {
  opened ??= openDB<Kept>('bulq', 1, {
    upgrade(db) {
      db.createObjectStore('runs', { keyPath: 'id' })
      db.createObjectStore('outbox', { keyPath: 'commandId' })
      db.createObjectStore('answers', { keyPath: 'key' })
    },
  })
  return opened
}

export async function keepRun(user: string, view: RunView): Promise<void> {
  const db = await kept()
  await db.put('runs', { id: view.id, user, view, keptAt: Date.now() })
}

export async function keptRun(user: string, id: string): Promise<RunView | undefined> {
  const found = await (await kept()).get('runs', id)
  return found?.user === user ? found.view : undefined
}

/** What this person bought and could not send. */
export async function forgetOutbox(user: string): Promise<void> {
  await shelfOf(user).change(() => [])
}

/** For the next person on this device. What somebody bought and could not send yet is theirs and stays. */
export async function forgetViews(): Promise<void> {
  const db = await kept()
  await Promise.all([db.clear('runs'), db.clear('answers')])
}

/** This person's purchases that wait. Reading and writing are one transaction, so two tabs cannot lose each other's. */
export function shelfOf(user: string): Shelf {
  return {
    async change(step) {
      const transaction = (await kept()).transaction('outbox', 'readwrite')
      const all = await transaction.store.getAll()
      const before = all.filter((entry) => entry.user === user)
      const after = step(before)
      const gone = before.filter((entry) => !after.some((known) => known.commandId === entry.commandId))
      await Promise.all(gone.map((entry) => transaction.store.delete(entry.commandId)))
      await Promise.all(after.filter((entry) => !before.includes(entry)).map((entry) => transaction.store.put(entry)))
      await transaction.done
      return after
    },
  }
}
