import { useState } from 'react'
import { t } from '../../i18n'
import { list } from '../../i18n/format'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'
import { useOutbox } from '../../offline'
import { Button } from '../../ui/Button'
import { Confirm } from '../../ui/Sheet'
import { toast } from '../../ui/toasts'
import { act } from './act'

/** Names what is not bought. What this phone has not sent yet comes first: nobody else could add it afterwards. */
export function FinishShopping({ store }: { store: RunStore }) {
  const [asking, setAsking] = useState(false)
  const waiting = useOutbox().some((entry) => entry.run === store.id && entry.committed === undefined)
  const ask = () => (waiting ? toast(t('shop.finishWaiting'), 'bad') : setAsking(true))
  return (
    <>
      <Button icon="check" onClick={ask}>
        {t('shop.finish')}
      </Button>
      {asking && <Ask store={store} onDone={() => setAsking(false)} />}
    </>
  )
}

function Ask({ store, onDone }: { store: RunStore; onDone(): void }) {
  const missing =
    useShown(store, ({ view }) =>
      list(view.products.filter((p) => p.item && !p.item.parts?.length).map((p) => p.name)),
    ) ?? ''
  const isNothing = useShown(store, ({ view }) => view.products.every((p) => !p.item?.parts?.length)) ?? false
  const finish = () => {
    onDone()
    void act(store, { type: 'finish_shopping' })
  }
  const text = isNothing
    ? t('shop.finishNothing')
    : missing === ''
      ? t('shop.finishAll')
      : t('shop.finishMissing', { names: missing })
  return (
    <Confirm
      title={t('shop.finishTitle')}
      keep={t('shop.keepShopping')}
      act={t('shop.finish')}
      onKeep={onDone}
      onAct={finish}
    >
      <p>{text}</p>
    </Confirm>
  )
}
