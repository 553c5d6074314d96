/** Every page and where it is. Each is a chunk of its own; the first one starts to load before anything is painted. */

import type { ComponentType } from 'react'
import { withLater } from './i18n'

type Params = Record<string, string>
type Loaded = Promise<{ default: ComponentType<{ params: Params }> }>

export interface PageRoute {
  path: string
  /** Shown to people who are not logged in, too. */
  open?: boolean
  load(): Loaded
}

export const ROUTES: PageRoute[] = [
  { path: '/', load: () => import('./features/groups/GroupsPage') as Loaded },
  { path: '/login', open: true, load: () => import('./features/auth/LoginPage') as Loaded },
  { path: '/register', open: true, load: () => import('./features/auth/RegisterPage') as Loaded },
  { path: '/invite/:token', open: true, load: () => import('./features/invite/InvitePage') as Loaded },
  { path: '/groups/:group', load: () => import('./features/groups/GroupPage') as Loaded },
  { path: '/groups/:group/new-run', load: () => import('./features/groups/NewRunPage') as Loaded },
  { path: '/runs/:run', load: () => import('./features/run/RunPage') as Loaded },
  { path: '/groups/:group/settings', load: () => withLater(import('./features/groups/GroupSettingsPage') as Loaded) },
  { path: '/products/:product', load: () => withLater(import('./features/catalogue/ProductPage') as Loaded) },
  { path: '/stores/:store', load: () => withLater(import('./features/catalogue/StorePage') as Loaded) },
  { path: '/groups/:group/balances', load: () => withLater(import('./features/groups/BalancesPage') as Loaded) },
  { path: '/notifications', load: () => withLater(import('./features/notifications/NotificationsPage') as Loaded) },
  { path: '/search', load: () => withLater(import('./features/catalogue/SearchPage') as Loaded) },
  { path: '/admin', load: () => withLater(import('./features/admin/AdminPage') as Loaded) },
  { path: '/admin/:part', load: () => withLater(import('./features/admin/AdminPage') as Loaded) },
  { path: '/me', load: () => withLater(import('./features/profile/ProfilePage') as Loaded) },
]

/** Starts to load what the address bar asks for. */
export function preload(location: string): void {
  const here = location.split('/')
  const route = ROUTES.find(({ path }) => {
    const parts = path.split('/')
    return parts.length === here.length && parts.every((part, i) => part.startsWith(':') || part === here[i])
  })
  void route?.load()
}
