import { useDeferredValue, useState } from 'react'
import { useLocation } from 'wouter'
import { getGroupsGroup, getStores, postGroupsGroupRuns, postStores } from '../../api/gen/operations.gen'
import type { Store } from '../../api/gen/types.gen'
import { complain } from '../../api/problems'
import { queries } from '../../api/queries'
import { t } from '../../i18n'
import { uuid } from '../../live/uuid'
import { Button } from '../../ui/Button'
import { Card } from '../../ui/Cards'
import { Check, Input, TextArea } from '../../ui/Field'
import { Icon } from '../../ui/Icon'
import { Page } from '../../ui/Page'
import styles from './Groups.module.css'

export default function NewRunPage({ params }: { params: { group: string } }) {
  const path = { group: params.group }
  const [, navigate] = useLocation()
  const group = getGroupsGroup.use({ path })
  const [store, setStore] = useState<Store>()
  const [busy, setBusy] = useState(false)
  // One thing a person does has one id, however often it has to be sent.
  const [commandId] = useState(uuid)
  const create = async (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (store === undefined) return
    const form = new FormData(event.currentTarget)
    const comment = String(form.get('comment')).trim()
    const planned_on = String(form.get('planned_on'))
    const body = {
      store_id: store.id,
      comment: comment || null,
      planned_on: planned_on || null,
      auto_confirm: form.has('auto_confirm'),
    }
    setBusy(true)
    try {
      const { run_id } = await postGroupsGroupRuns.call({ path, body, commandId })
      navigate(`/runs/${run_id}`, { replace: true })
    } catch (error) {
      complain(error)
      setBusy(false)
    }
  }
  return (
    <Page
      title={t('run.newTitle')}
      under={group.data?.name}
      back={`/groups/${path.group}`}
      narrow
      bar={
        <Button type="submit" form="new-run" disabled={store === undefined || busy} wide>
          {t('run.create')}
        </Button>
      }
    >
      <Card>
        <StorePicker chosen={store} onChoose={setStore} />
      </Card>
      <Card>
        <form id="new-run" className={styles.form} onSubmit={create}>
          <TextArea label={t('run.comment')} hint={t('run.commentHint')} name="comment" maxLength={500} optional />
          <Input label={t('run.plannedOn')} name="planned_on" type="date" optional />
          <Check label={t('run.autoConfirm')} name="auto_confirm" />
        </form>
      </Card>
    </Page>
  )
}

function StorePicker({ chosen, onChoose }: { chosen: Store | undefined; onChoose(store: Store): void }) {
  const [text, setText] = useState('')
  const q = useDeferredValue(text.trim())
  const { data } = getStores.use({ query: { limit: 20, q: q || undefined } }, { placeholderData: (before) => before })
  const stores = data?.items ?? []
  const isNew =
    text.trim().length > 1 && !stores.some((store) => store.name.toLowerCase() === text.trim().toLowerCase())
  const add = async () => {
    try {
      const store = await postStores.call({ body: { name: text.trim() } })
      await queries.invalidateQueries({ queryKey: [getStores.route] })
      onChoose(store)
    } catch (error) {
      complain(error)
    }
  }
  return (
    <div className={styles.form}>
      <Input
        label={t('run.store')}
        placeholder={t('run.storeSearch')}
        value={text}
        onChange={(event) => setText(event.target.value)}
        type="search"
      />
      <div className={styles.choices}>
        {stores.map((store) => (
          <button
            key={store.id}
            type="button"
            className={styles.choice}
            aria-pressed={store.id === chosen?.id}
            onClick={() => onChoose(store)}
          >
            <Icon name={store.id === chosen?.id ? 'check' : 'store'} />
            <span className={styles.name}>
              {store.name}
              <span>{[store.chain, store.address].filter(Boolean).join(' · ')}</span>
            </span>
          </button>
        ))}
        {isNew && (
          <button type="button" className={styles.choice} onClick={() => void add()}>
            <Icon name="plus" />
            {t('run.storeNew', { name: text.trim() })}
          </button>
        )}
      </div>
    </div>
  )
}
