/** My own topic: hints that I was told something. What it is stands in the list, and the count in the tabs. */

import { getNotifications, getNotificationsCount } from '../api/gen/operations.gen'
import { queries } from '../api/queries'
import { currentSession, onSession } from '../session'
import { connection } from '.'

let letGo: (() => void) | undefined

/** Listens from the first page with tabs on, until the login ends. */
function listen(): void {
  if (letGo !== undefined || currentSession().status !== 'in') return
  let known = false
  letGo = connection.hold('user', {
    after: () => undefined,
    reset: () => {},
    subscribed: () => {
      if (known) told()
      known = true
    },
    events: told,
    ended: () => {},
  })
}

onSession((session) => {
  if (session.status === 'in') return
  letGo?.()
  letGo = undefined
})

/** Asks anew for what a page shows; what no page shows is asked for when one does. */
export function told(): void {
  for (const { route } of [getNotificationsCount, getNotifications]) {
    void queries.invalidateQueries({ queryKey: [route] })
  }
}

/** How much I have not read. */
export function useUnread(): number {
  listen()
  return getNotificationsCount.use({}).data?.unread ?? 0
}
