import { t } from '../../i18n'
import type { RunStore } from '../../live/run-store'
import { Button } from '../../ui/Button'
import { Input, TextArea } from '../../ui/Field'
import { Sheet } from '../../ui/Sheet'
import { act } from './act'
import styles from './Run.module.css'

/** The note, the day and the end of bidding. */
export function DetailsForm({ store, onClose }: { store: RunStore; onClose(): void }) {
  const view = store.shown?.view
  const save = async (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const [comment, planned, deadline] = ['comment', 'planned_on', 'deadline'].map((name) => String(form.get(name)))
    const outcome = await act(store, {
      type: 'edit_details',
      comment: comment ?? '',
      planned_on: planned || null,
      bidding_deadline: deadline ? new Date(deadline).toISOString() : null,
    })
    if (outcome.kind === 'committed') onClose()
  }
  return (
    <Sheet title={t('run.details')} onClose={onClose}>
      <form className={styles.form} onSubmit={save}>
        <TextArea
          label={t('run.comment')}
          hint={t('run.commentHint')}
          name="comment"
          maxLength={500}
          defaultValue={view?.comment ?? ''}
          optional
        />
        <Input
          label={t('run.plannedOn')}
          name="planned_on"
          type="date"
          defaultValue={view?.planned_on ?? ''}
          optional
        />
        <Input
          label={t('run.deadlineLabel')}
          name="deadline"
          type="datetime-local"
          defaultValue={localTime(view?.bidding_deadline)}
          optional
        />
        <Button type="submit" wide>
          {t('action.save')}
        </Button>
      </form>
    </Sheet>
  )
}

function localTime(iso: string | null | undefined): string {
  if (!iso) return ''
  const at = new Date(iso)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
