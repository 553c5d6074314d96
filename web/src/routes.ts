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
  /** Its code, if it was there before anything was painted. */
  page?: ComponentType<{ params: Params }>
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

/** Loads what the address bar asks for, or the way in. */
export async function preload(location: string, isIn: boolean): Promise<void> {
  const asked = routeOf(location)
  const route = asked === undefined || asked.open || isIn ? asked : routeOf('/login')
  if (route !== undefined) route.page = (await route.load()).default
}

function routeOf(location: string): PageRoute | undefined {
  const here = location.split('/')
  return ROUTES.find(({ path }) => {
    const parts = path.split('/')
    return parts.length === here.length && parts.every((part, i) => part.startsWith(':') || part === here[i])
  })
}
