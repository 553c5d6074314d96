import { useState } from 'react'
import { Link, Redirect, useSearchParams } from 'wouter'
import { Problem } from '../../api/client'
import { postAuthRegister } from '../../api/gen/operations.gen'
import { explain, fieldError } from '../../api/problems'
import { t } from '../../i18n'
import { login, useSession } from '../../session'
import { Button } from '../../ui/Button'
import { Card } from '../../ui/Cards'
import { Input } from '../../ui/Field'
import { Page } from '../../ui/Page'
import styles from './Auth.module.css'
import { inside } from './LoginPage'
import { usernameOf } from './username'
import { Welcome } from './Welcome'

export default function RegisterPage() {
  const [search] = useSearchParams()
  const next = inside(search.get('next'))
  const session = useSession()
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const [name, setName] = useState('')
  /** What the person wrote themselves; until then their name suggests it. */
  const [username, setUsername] = useState<string>()
  if (session.status === 'in') return <Redirect to={next} replace />

  const submit = async (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const about = { name, username: String(form.get('username')), password: String(form.get('password')) }
    setBusy(true)
    try {
      await postAuthRegister.call({ body: about })
      await login(about.username, about.password)
    } catch (reason) {
      setError(reason)
      setBusy(false)
    }
  }
  const general = error instanceof Problem && error.errors.length > 0 ? undefined : error
  return (
    <Page title={t('auth.register')} narrow bar={null}>
      <Welcome />
      <Card>
        <form className={styles.form} onSubmit={submit}>
          {general !== undefined && (
            <p className={styles.problem} role="alert">
              {explain(general)}
            </p>
          )}
          <Input
            label={t('auth.name')}
            hint={t('auth.nameHint')}
            error={fieldError(error, 'name')}
            name="name"
            value={name}
            onChange={(event) => setName(event.target.value)}
            autoComplete="name"
            maxLength={100}
            required
          />
          <Input
            label={t('auth.username')}
            hint={t('auth.usernameHint')}
            error={fieldError(error, 'username')}
            name="username"
            value={username ?? usernameOf(name)}
            onChange={(event) => setUsername(event.target.value)}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck="false"
            minLength={3}
            maxLength={50}
            pattern="[A-Za-z0-9_\-]+"
            required
          />
          <Input
            label={t('auth.password')}
            hint={t('auth.passwordHint')}
            error={fieldError(error, 'password')}
            name="password"
            type="password"
            autoComplete="new-password"
            minLength={8}
            maxLength={128}
            required
          />
          <Button type="submit" disabled={busy} wide>
            {t('auth.register')}
          </Button>
        </form>
      </Card>
      <p className={styles.other}>
        {t('auth.haveAccount')} <Link href={`/login?next=${encodeURIComponent(next)}`}>{t('auth.login')}</Link>
      </p>
    </Page>
  )
}
