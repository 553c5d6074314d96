import { deleteAuthMe } from '../../api/gen/operations.gen'
import { fieldError } from '../../api/problems'
import { t } from '../../i18n'
import { logout } from '../../session'
import { Button } from '../../ui/Button'
import { Input } from '../../ui/Field'
import rows from '../../ui/Rows.module.css'
import { Sheet } from '../../ui/Sheet'
import { useSubmit } from '../../ui/useSubmit'

/** Says what goes and what stays before it asks for the password. */
export function EraseSheet({ onClose }: { onClose(): void }) {
  const { onSubmit, busy, error } = useSubmit(async (form) => {
    await deleteAuthMe.call({ body: { password: String(form.get('password')) } })
    await logout()
  })
  return (
    <Sheet title={t('profile.eraseTitle')} onClose={onClose}>
      <form className={rows.form} onSubmit={onSubmit}>
        <p>{t('profile.eraseText')}</p>
        <p className={rows.quiet}>{t('profile.eraseStays')}</p>
        <Input
          label={t('auth.password')}
          name="password"
          type="password"
          autoComplete="current-password"
          error={fieldError(error, 'password')}
          required
        />
        <div className={rows.buttons}>
          <Button kind="quiet" onClick={onClose} autoFocus>
            {t('profile.eraseKeep')}
          </Button>
          <Button kind="danger" type="submit" disabled={busy}>
            {t('profile.eraseDo')}
          </Button>
        </div>
      </form>
    </Sheet>
  )
}
