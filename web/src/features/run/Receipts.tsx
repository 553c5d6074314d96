import { type ChangeEvent, useRef, useState } from 'react'
import {
  deleteRunsRunReceiptsReceipt,
  getGroupsGroupMembers,
  getRunsRunReceipts,
  postRunsRunReceipts,
} from '../../api/gen/operations.gen'
import type { Receipt } from '../../api/gen/types.gen'
import { usePages } from '../../api/pages'
import { complain } from '../../api/problems'
import { queries } from '../../api/queries'
import { t } from '../../i18n'
import { bytes, moment } from '../../i18n/format'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { Button, IconButton } from '../../ui/Button'
import { EmptyState } from '../../ui/Cards'
import { Select } from '../../ui/Field'
import { Icon } from '../../ui/Icon'
import { Pages } from '../../ui/Pages'
import rows from '../../ui/Rows.module.css'
import { Danger, Sheet } from '../../ui/Sheet'
import { toast } from '../../ui/toasts'
import styles from './Receipts.module.css'

const PAGE = 30
const MOST_BYTES = 10 * 1024 * 1024
const LONGEST_NAME = 100
const ACCEPTED = 'image/jpeg,image/png,image/webp,application/pdf'

interface Props {
  store: RunStore
  me: string
  onClose(): void
}

type Open = { receipt: Receipt; asking: boolean }

/** What was photographed at the till: to add, to look at, to take back. */
export default function Receipts({ store, me, onClose }: Props) {
  const [open, setOpen] = useState<Open>()
  const look = () => setOpen(undefined)
  if (open?.asking) return <TakeBack store={store} receipt={open.receipt} onDone={look} />
  if (open) {
    return (
      <Sheet title={open.receipt.name} onClose={look}>
        <Content store={store} me={me} receipt={open.receipt} onAsk={() => setOpen({ ...open, asking: true })} />
      </Sheet>
    )
  }
  return (
    <Sheet title={t('receipts.title')} onClose={onClose}>
      <Add store={store} />
      <All store={store} onOpen={(receipt) => setOpen({ receipt, asking: false })} />
    </Sheet>
  )
}

const keyOf = (store: RunStore) => [getRunsRunReceipts.route, store.id]
const again = (store: RunStore) => queries.invalidateQueries({ queryKey: keyOf(store) })
const addressOf = ({ run_id, id }: Receipt) => `/api/v1/runs/${run_id}/receipts/${id}`
const isPicture = ({ media }: Receipt) => media !== 'application/pdf'

function Add({ store }: { store: RunStore }) {
  const products = useShown(store, ({ view }) => view.products) ?? []
  const [about, setAbout] = useState('')
  const [busy, setBusy] = useState(false)
  const camera = useRef<HTMLInputElement>(null)
  const files = useRef<HTMLInputElement>(null)

  const chosen = async (event: ChangeEvent<HTMLInputElement>) => {
    const all = [...(event.target.files ?? [])]
    event.target.value = ''
    setBusy(true)
    for (const file of all) await add(file).catch(complain)
    setBusy(false)
    await again(store)
  }
  const add = async (file: File) => {
    if (file.size > MOST_BYTES) return toast(t('receipts.tooBig', { most: bytes(MOST_BYTES) }), 'bad')
    const query = { name: file.name.slice(0, LONGEST_NAME) || undefined, product: about || undefined }
    // What it is, the server sees by its content.
    const body = new Blob([file], { type: 'application/octet-stream' })
    await postRunsRunReceipts.call({ path: { run: store.id }, query, body })
    toast(t('receipts.added'))
  }
  return (
    <div className={rows.form}>
      <Select label={t('receipts.about')} value={about} onChange={(event) => setAbout(event.target.value)}>
        <option value="">{t('receipts.wholeRun')}</option>
        {products.map(({ product_id, name }) => (
          <option key={product_id} value={product_id}>
            {name}
          </option>
        ))}
      </Select>
      <input
        ref={camera}
        className="hidden"
        type="file"
        accept="image/*"
        capture="environment"
        tabIndex={-1}
        aria-label={t('receipts.camera')}
        onChange={(event) => void chosen(event)}
      />
      <input
        ref={files}
        className="hidden"
        type="file"
        accept={ACCEPTED}
        multiple
        tabIndex={-1}
        aria-label={t('receipts.file')}
        onChange={(event) => void chosen(event)}
      />
      <div className={rows.buttons}>
        <Button size="small" icon="camera" disabled={busy} onClick={() => camera.current?.click()}>
          {t('receipts.camera')}
        </Button>
        <Button kind="quiet" size="small" icon="upload" disabled={busy} onClick={() => files.current?.click()}>
          {t('receipts.file')}
        </Button>
      </div>
      {busy && <p role="status">{t('receipts.sending')}</p>}
    </div>
  )
}

function All({ store, onOpen }: { store: RunStore; onOpen(receipt: Receipt): void }) {
  const nameOf = useNames(store)
  const pages = usePages(keyOf(store), ({ cursor, signal }) =>
    getRunsRunReceipts.call({ path: { run: store.id }, query: { limit: PAGE, cursor }, signal }),
  )
  const none = (
    <EmptyState icon="receipt" title={t('receipts.none')}>
      {t('receipts.noneText')}
    </EmptyState>
  )
  return (
    <Pages of={pages} empty={none}>
      <ul className={`${rows.rows} ${styles.all}`}>
        {pages.items?.map((receipt) => (
          <li key={receipt.id}>
            <button type="button" className={rows.link} onClick={() => onOpen(receipt)}>
              <Thumb receipt={receipt} />
              <span className={rows.what}>
                <b>{receipt.name}</b>
                <small>{said(store, nameOf, receipt)}</small>
              </span>
              <Icon name="arrow" size={18} />
            </button>
          </li>
        ))}
      </ul>
    </Pages>
  )
}

function Thumb({ receipt }: { receipt: Receipt }) {
  if (isPicture(receipt)) return <img className={styles.thumb} src={addressOf(receipt)} alt="" loading="lazy" />
  return (
    <span className={styles.thumb}>
      <Icon name="receipt" />
    </span>
  )
}

/** Whoever is in the group may add one, taking part or not. */
function useNames(store: RunStore): (user: string) => string {
  const group = useShown(store, ({ view }) => view.group_id) ?? ''
  const { data } = getGroupsGroupMembers.use({ path: { group }, query: { limit: 100 } })
  return (user) => data?.items.find(({ user_id }) => user_id === user)?.name ?? store.nameOf(user)
}

/** Of what, who added it, and when. */
function said(store: RunStore, nameOf: (user: string) => string, receipt: Receipt): string {
  const { product_id, uploaded_by, created_at } = receipt
  const product = store.shown?.view.products.find((p) => p.product_id === product_id)?.name
  return [product, nameOf(uploaded_by), moment(created_at)].filter(Boolean).join(' · ')
}

interface ContentProps {
  store: RunStore
  me: string
  receipt: Receipt
  onAsk(): void
}

function Content({ store, me, receipt, onAsk }: ContentProps) {
  const nameOf = useNames(store)
  const leads = useShown(store, ({ view }) => view.leader_id === me) ?? false
  return (
    <div className={rows.form}>
      {isPicture(receipt) && <img className={styles.picture} src={addressOf(receipt)} alt={receipt.name} />}
      <p className={rows.quiet}>
        {said(store, nameOf, receipt)} · {bytes(receipt.size)}
      </p>
      <div className={rows.buttons}>
        <a className={styles.download} href={addressOf(receipt)} download={receipt.name}>
          <Icon name="download" /> {t('receipts.download')}
        </a>
        {(leads || receipt.uploaded_by === me) && (
          <IconButton icon="trash" label={t('receipts.remove', { name: receipt.name })} onClick={onAsk} />
        )}
      </div>
    </div>
  )
}

function TakeBack({ store, receipt, onDone }: { store: RunStore; receipt: Receipt; onDone(): void }) {
  const remove = async () => {
    onDone()
    try {
      await deleteRunsRunReceiptsReceipt.call({ path: { run: store.id, receipt: receipt.id } })
      toast(t('receipts.removed'))
    } catch (error) {
      complain(error)
    }
    await again(store)
  }
  return (
    <Danger
      title={t('receipts.removeTitle')}
      keep={t('receipts.keep')}
      act={t('action.remove')}
      text={receipt.name}
      onKeep={onDone}
      onAct={() => void remove()}
    />
  )
}
