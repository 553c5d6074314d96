import { lazy, Suspense } from 'react'
import type { State } from '../../api/gen/types.gen'
import { withLater } from '../../i18n'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { Skeleton } from '../../ui/Cards'
import type { Chosen } from './BidSheet'
import { Products } from './Products'
import styles from './Run.module.css'
import { Totals } from './Totals'

const Shopping = lazy(() => import('./Shopping'))
const Adjusting = lazy(() => withLater(import('./Adjusting')))
const Handout = lazy(() => withLater(import('./Handout')))
const Ended = lazy(() => withLater(import('./Ended')))
const HandoverOffer = lazy(() => withLater(import('./HandoverOffer')))

/** What a state adds, before the products. Each is a chunk of its own. */
const PANELS: Partial<Record<State, typeof Shopping>> = {
  shopping: Shopping,
  adjusting: Adjusting,
  distributing: Handout,
  completed: Ended,
  cancelled: Ended,
}
/** In these the panel has everything, and the cards would say it twice. */
const INSTEAD_OF_PRODUCTS = new Set<State>(['shopping', 'distributing'])
/** In these the panel says what it came to. */
const INSTEAD_OF_TOTALS = new Set<State>(['shopping', 'distributing', 'completed', 'cancelled'])

interface Props {
  store: RunStore
  me: string
  /** The first piece of it: the products come after. */
  isFirst: boolean
  onOpen(chosen: Chosen): void
  onAdd(): void
}

export function RunBody({ store, me, isFirst, onOpen, onAdd }: Props) {
  const state = useShown(store, ({ view }) => view.state) ?? 'planning'
  const offered = useShown(store, ({ view }) => view.handover === me)
  const Panel = PANELS[state]
  return (
    <>
      {!INSTEAD_OF_TOTALS.has(state) && <Totals store={store} me={me} />}
      <div className={styles.body}>
        {offered && (
          <Suspense>
            <HandoverOffer store={store} me={me} />
          </Suspense>
        )}
        {Panel && (
          <Suspense fallback={<Skeleton heights={[80, 320]} />}>
            <Panel store={store} me={me} />
          </Suspense>
        )}
        {!isFirst && !INSTEAD_OF_PRODUCTS.has(state) && (
          <Products store={store} me={me} onOpen={onOpen} onAdd={onAdd} />
        )}
      </div>
    </>
  )
}
