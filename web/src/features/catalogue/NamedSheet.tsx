import { type ReactNode, useState } from 'react'
import { useLocation } from 'wouter'
import { getSearch } from '../../api/gen/operations.gen'
import type { Query } from '../../api/operation'
import { fieldError } from '../../api/problems'
import { queries } from '../../api/queries'
import { t } from '../../i18n'
import { Button } from '../../ui/Button'
import { Input } from '../../ui/Field'
import rows from '../../ui/Rows.module.css'
import { Sheet } from '../../ui/Sheet'
import { useSubmit } from '../../ui/useSubmit'
import { Similar } from './Similar'

interface Props<Thing> {
  kind: 'products' | 'stores'
  title: string
  /** What its name is called. */
  label: string
  name: string
  isNew: boolean
  /** Under which the saved thing is kept. */
  keyOf(thing: Thing): readonly unknown[]
  /** The list that is another one now. */
  list: Pick<Query<never, never>, 'route'>
  save(name: string, form: FormData): Promise<Thing>
  fields(error: unknown): ReactNode
  onClose(): void
}

/** A thing of the catalogue, new or to be changed: its name, what is called nearly so, and the fields of its kind. */
export function NamedSheet<Thing extends { id: string }>(props: Props<Thing>) {
  const { kind, title, label, isNew, keyOf, list, save, fields, onClose } = props
  const [, navigate] = useLocation()
  const [name, setName] = useState(props.name)
  const { onSubmit, busy, error } = useSubmit(async (form) => {
    const saved = await save(name.trim(), form)
    queries.setQueryData(keyOf(saved), saved)
    for (const { route } of [list, getSearch]) void queries.invalidateQueries({ queryKey: [route] })
    onClose()
    navigate(`/${kind}/${saved.id}`)
  })
  return (
    <Sheet title={title} onClose={onClose}>
      <form className={rows.form} onSubmit={onSubmit}>
        <Input
          label={label}
          value={name}
          onChange={(event) => setName(event.target.value)}
          maxLength={100}
          error={fieldError(error, 'name')}
          required
          autoFocus
        />
        {isNew && <Similar kind={kind} name={name} />}
        {fields(error)}
        <Button type="submit" disabled={busy} wide>
          {t(isNew ? 'action.add' : 'action.save')}
        </Button>
      </form>
    </Sheet>
  )
}
