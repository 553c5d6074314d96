import { fieldError } from '../../api/problems'
import { t } from '../../i18n'
import { Button } from '../../ui/Button'
import { Input } from '../../ui/Field'
import rows from '../../ui/Rows.module.css'
import { Sheet } from '../../ui/Sheet'
import { toast } from '../../ui/toasts'
import { text, useSubmit } from '../../ui/useSubmit'

interface Names {
  name: string
  /** Of a person. */
  username?: string
}

interface Props extends Names {
  /** What is not what it was. */
  onRename(to: Partial<Names>): Promise<unknown>
  onClose(): void
}

/** Another name for somebody or something. */
export function RenameSheet({ name, username, onRename, onClose }: Props) {
  const { onSubmit, busy, error } = useSubmit(async (form) => {
    const given = { name: text(form, 'name'), username: username && text(form, 'username').toLowerCase() }
    await onRename({
      ...(given.name !== name && { name: given.name }),
      ...(given.username !== username && { username: given.username }),
    })
    toast(t('admin.done'))
    onClose()
  })
  return (
    <Sheet title={t('admin.renameTitle', { name })} onClose={onClose}>
      <form className={rows.form} onSubmit={onSubmit}>
        <Input
          label={t('admin.name')}
          name="name"
          defaultValue={name}
          maxLength={100}
          error={fieldError(error, 'name')}
          required
          autoFocus
        />
        {username && (
          <Input
            label={t('auth.username')}
            name="username"
            defaultValue={username}
            pattern="[A-Za-z0-9_\-]{3,50}"
            error={fieldError(error, 'username')}
            autoCapitalize="none"
            autoComplete="off"
            required
          />
        )}
        <Button type="submit" disabled={busy} wide>
          {t('action.save')}
        </Button>
      </form>
    </Sheet>
  )
}
