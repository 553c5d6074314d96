import { useState } from 'react'
import { patchAuthMe } from '../../api/gen/operations.gen'
import type { PatchMe } from '../../api/gen/types.gen'
import { fieldError } from '../../api/problems'
import { t } from '../../i18n'
import { changed, useMe } from '../../session'
import { Button } from '../../ui/Button'
import { Input } from '../../ui/Field'
import rows from '../../ui/Rows.module.css'
import { Sheet } from '../../ui/Sheet'
import { toast } from '../../ui/toasts'
import { useSubmit } from '../../ui/useSubmit'

/** Who somebody is to others, and how they come in: both ask for the password. Only what is new is sent. */
export function NameSheet({ onClose }: { onClose(): void }) {
  const me = useMe()
  const [name, setName] = useState(me.name)
  const [username, setUsername] = useState(me.username)
  const isNewName = name.trim() !== me.name
  const isNewUsername = username.trim().toLowerCase() !== me.username
  const { onSubmit, busy, error } = useSubmit(async (form) => {
    const body: PatchMe = { password: String(form.get('password')) }
    if (isNewName) body.name = name.trim()
    if (isNewUsername) body.username = username.trim()
    changed(await patchAuthMe.call({ body }))
    toast(t('profile.saved.toast'))
    onClose()
  })
  return (
    <Sheet title={t('profile.editName')} onClose={onClose}>
      <form className={rows.form} onSubmit={onSubmit}>
        <Input
          label={t('auth.name')}
          value={name}
          onChange={(event) => setName(event.target.value)}
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
        {(isNewName || isNewUsername) && (
          <Input
            label={t('auth.password')}
            hint={t('profile.passwordForName')}
            name="password"
            type="password"
            autoComplete="current-password"
            error={fieldError(error, 'password')}
            required
          />
        )}
        <Button type="submit" disabled={busy || !(isNewName || isNewUsername)} wide>
          {t('action.save')}
        </Button>
      </form>
    </Sheet>
  )
}
