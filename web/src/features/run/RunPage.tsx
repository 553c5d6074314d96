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

function Run({ store }: { store: RunStore }) {
  const me = useMe()
  const name = useShown(store, ({ view }) => view.store_name) ?? ''
  const group = useShown(store, ({ view }) => view.group_id) ?? ''
  const { data } = getGroupsGroup.use({ path: { group } })
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  return (
    <Page
      title={name}
      under={data?.name}
      back={`/groups/${group}`}
      live
      actions={
        <>
          <TalkButton store={store} onOpen={() => setOpen({ sheet: 'talk' })} />
          <IconButton icon="more" label={t('run.options')} onClick={() => setOpen({ sheet: 'menu' })} />
        </>
      }
      bar={<BottomBar store={store} me={me.id} onAdd={() => setOpen({ sheet: 'add' })} />}
    >
      <div className={styles.grid}>
        <Lead store={store} me={me.id} />
        <RunBody
          store={store}
          me={me.id}
          onOpen={(chosen) => setOpen({ sheet: 'bid', chosen })}
          onAdd={() => setOpen({ sheet: 'add' })}
        />
        <div className={styles.side}>
          <People store={store} />
          <News store={store} />
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
