import { QueryClientProvider } from '@tanstack/react-query'
import { type ComponentType, lazy, Suspense, useState, useSyncExternalStore } from 'react'
import { Redirect, Route, Switch, useLocation } from 'wouter'
import { queries } from './api/queries'
import { Boundary } from './Boundary'
import { language, onLanguage } from './i18n'
import { ROUTES } from './routes'
import { useSession } from './session'
import { LoadingPage } from './ui/LoadingPage'
import { NotFound } from './ui/NotFound'
import { Toasts } from './ui/Toasts'
import { Update } from './ui/Update'

type Params = Record<string, string>
/** What is there already needs no waiting for. */
const pagesNow = () =>
  ROUTES.map((route) => ({ ...route, Page: route.page ?? (lazy(route.load) as ComponentType<{ params: Params }>) }))

export function App() {
  // Another language is another page: everything is written anew.
  const spoken = useSyncExternalStore(onLanguage, language)
  return (
    <QueryClientProvider client={queries} key={spoken}>
      <Boundary>
        <Suspense fallback={<LoadingPage />}>
          <Pages />
        </Suspense>
      </Boundary>
      <Update />
      <Toasts />
    </QueryClientProvider>
  )
}

function Pages() {
  const [pages] = useState(pagesNow)
  return (
    <Switch>
      {pages.map(({ path, open, Page }) => (
        <Route key={path} path={path}>
          {(params) =>
            open ? <Page params={params as Params} /> : <Members>{<Page params={params as Params} />}</Members>
          }
        </Route>
      ))}
      <Route>
        <NotFound />
      </Route>
    </Switch>
  )
}

/** Only for people who are logged in; the others log in and come back. */
function Members({ children }: { children: React.ReactNode }) {
  const session = useSession()
  const [location] = useLocation()
  if (session.status === 'unknown') return <LoadingPage />
  if (session.status === 'out') return <Redirect to={`/login?next=${encodeURIComponent(location)}`} replace />
  return children
}
