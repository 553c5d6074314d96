import { lazy, Suspense, useState } from 'react'
import { getGroupsGroup } from '../../api/gen/operations.gen'
import { t, withLater } from '../../i18n'
import { useGone, useRun, useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { useMe } from '../../session'
import { IconButton, LinkButton } from '../../ui/Button'
import { EmptyState, Skeleton } from '../../ui/Cards'
import { NotFound } from '../../ui/NotFound'
import { Page } from '../../ui/Page'
import { useInPieces } from '../../ui/pieces'
import type { Chosen } from './BidSheet'
import { BottomBar } from './BottomBar'
import { Lead } from './Lead'
import { News } from './News'
import { People } from './People'
import styles from './Run.module.css'
import { RunBody } from './RunBody'
import { TalkButton } from './TalkButton'

const AddProduct = lazy(() => import('./AddProduct'))
const BidSheet = lazy(() => import('./BidSheet'))
const RunMenu = lazy(() => import('./RunMenu'))
const Talk = lazy(() => withLater(import('./Talk')))

export default function RunPage({ params }: { params: { run: string } }) {
  const store = useRun(params.run)
  const isHere = useShown(store, () => true)
  const gone = useGone(store)
  if (gone) return isHere ? <Gone /> : <NotFound />
  if (!isHere) return <Loading />
  return <Run store={store} key={store.id} />
}

type Open = { sheet: 'menu' } | { sheet: 'talk' } | { sheet: 'add' } | { sheet: 'bid'; chosen: Chosen }

/** Where it stands, what it comes to, what there is to buy, who takes part, what happened. */
const PARTS = 5

function Run({ store }: { store: RunStore }) {
  const me = useMe()
  const name = useShown(store, ({ view }) => view.store_name) ?? ''
  const group = useShown(store, ({ view }) => view.group_id) ?? ''
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  const parts = useInPieces(PARTS, 1, 1)
  return (
    <Page
      title={name}
      under={parts > 2 && <GroupName group={group} />}
      back={`/groups/${group}`}
      live
      actions={
        <>
          <TalkButton store={store} onOpen={() => setOpen({ sheet: 'talk' })} />
          <IconButton icon="more" label={t('run.options')} onClick={() => setOpen({ sheet: 'menu' })} />
        </>
      }
      bar={parts > 1 && <BottomBar store={store} me={me.id} onAdd={() => setOpen({ sheet: 'add' })} />}
    >
      <div className={styles.grid} aria-busy={parts < PARTS}>
        <Lead store={store} me={me.id} />
        {parts > 1 && (
          <RunBody
            store={store}
            me={me.id}
            isFirst={parts === 2}
            onOpen={(chosen) => setOpen({ sheet: 'bid', chosen })}
            onAdd={() => setOpen({ sheet: 'add' })}
          />
        )}
        <div className={styles.side}>
          {parts > 3 && <People store={store} />}
          {parts > 4 && <News store={store} />}
        </div>
      </div>
      <Suspense>
        {open?.sheet === 'talk' && <Talk store={store} me={me.id} onClose={close} />}
        {open?.sheet === 'menu' && (
          <RunMenu store={store} me={me.id} onClose={close} onAdd={() => setOpen({ sheet: 'add' })} />
        )}
        {open?.sheet === 'add' && (
          <AddProduct store={store} onClose={close} onChoose={(chosen) => setOpen({ sheet: 'bid', chosen })} />
        )}
        {open?.sheet === 'bid' && <BidSheet store={store} me={me.id} chosen={open.chosen} onClose={close} />}
      </Suspense>
    </Page>
  )
}

function GroupName({ group }: { group: string }) {
  return getGroupsGroup.use({ path: { group } }).data?.name
}

function Loading() {
  return (
    <Page title={t('loading')} back="/" live bar={null}>
      <Skeleton heights={[150, 80, 160, 160]} />
    </Page>
  )
}

function Gone() {
  return (
    <Page title={t('run.gone')} back="/" narrow>
      <EmptyState icon="cancel" title={t('run.gone')} action={<LinkButton href="/">{t('groups.title')}</LinkButton>}>
        {t('run.goneText')}
      </EmptyState>
    </Page>
  )
}
