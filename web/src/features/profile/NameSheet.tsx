import { useState } from 'react'
import { patchAuthMe } from '../../api/gen/operations.gen'
import { fieldError } from '../../api/problems'
import { t } from '../../i18n'
import { changed, useMe } from '../../session'
import { Button } from '../../ui/Button'
import { Input } from '../../ui/Field'
import rows from '../../ui/Rows.module.css'
import { Sheet } from '../../ui/Sheet'
import { toast } from '../../ui/toasts'
import { text, useSubmit } from '../../ui/useSubmit'

/** A new username is a new way in, so it asks for the password; a new name does not. */
export function NameSheet({ onClose }: { onClose(): void }) {
  const me = useMe()
  const [username, setUsername] = useState(me.username)
  const isNewUsername = username.trim().toLowerCase() !== me.username
  const { onSubmit, busy, error } = useSubmit(async (form) => {
    const body = { name: text(form, 'name') }
    const access = { username: username.trim(), password: String(form.get('password')) }
    changed(await patchAuthMe.call({ body: isNewUsername ? { ...body, ...access } : body }))
    toast(t('profile.saved.toast'))
    onClose()
  })
  return (
    <Sheet title={t('profile.editName')} onClose={onClose}>
      <form className={rows.form} onSubmit={onSubmit}>
        <Input
          label={t('auth.name')}
          name="name"
          defaultValue={me.name}
          maxLength={100}
          error={fieldError(error, 'name')}
          required
          autoFocus
        />
        <Input
          label={t('auth.username')}
          value={username}
          onChange={(event) => setUsername(event.target.value)}
          pattern="[A-Za-z0-9_\-]{3,50}"
          error={fieldError(error, 'username')}
          autoCapitalize="none"
          autoComplete="username"
          required
        />
        {isNewUsername && (
          <Input
            label={t('auth.password')}
            hint={t('profile.passwordForUsername')}
            name="password"
            type="password"
            autoComplete="current-password"
            error={fieldError(error, 'password')}
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
