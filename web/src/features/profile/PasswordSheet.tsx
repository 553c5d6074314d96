import { getAuthSessions, postAuthPassword } from '../../api/gen/operations.gen'
import { fieldError } from '../../api/problems'
import { queries } from '../../api/queries'
import { t } from '../../i18n'
import { Button } from '../../ui/Button'
import { Input } from '../../ui/Field'
import rows from '../../ui/Rows.module.css'
import { Sheet } from '../../ui/Sheet'
import { toast } from '../../ui/toasts'
import { useSubmit } from '../../ui/useSubmit'

export function PasswordSheet({ onClose }: { onClose(): void }) {
  const { onSubmit, busy, error } = useSubmit(async (form) => {
    const [current_password, new_password] = [String(form.get('current')), String(form.get('new'))]
    await postAuthPassword.call({ body: { current_password, new_password } })
    void queries.invalidateQueries({ queryKey: [getAuthSessions.route] })
    toast(t('profile.passwordChanged'))
    onClose()
  })
  return (
    <Sheet title={t('profile.password')} onClose={onClose}>
      <form className={rows.form} onSubmit={onSubmit}>
        <p className={rows.quiet}>{t('profile.passwordText')}</p>
        <Input
          label={t('profile.passwordNow')}
          name="current"
          type="password"
          autoComplete="current-password"
          error={fieldError(error, 'current_password')}
          required
          autoFocus
        />
        <Input
          label={t('profile.passwordNew')}
          hint={t('profile.passwordHint')}
          name="new"
          type="password"
          autoComplete="new-password"
          minLength={8}
          maxLength={128}
          error={fieldError(error, 'new_password')}
          required
        />
        <Button type="submit" disabled={busy} wide>
          {t('profile.passwordSave')}
        </Button>
      </form>
    </Sheet>
  )
}
