import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, Redirect, useSearchParams } from 'wouter'
import { explain } from '../../api/problems'
import { t } from '../../i18n'
import { login, useSession } from '../../session'
import { Button } from '../../ui/Button'
import { Card } from '../../ui/Cards'
import { Input } from '../../ui/Field'
import { Page } from '../../ui/Page'
import styles from './Auth.module.css'
import { demoLogins } from './demo'
import { Welcome } from './Welcome'

export default function LoginPage() {
  const [search] = useSearchParams()
  const next = inside(search.get('next'))
  const session = useSession()
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  if (session.status === 'in') return <Redirect to={next} replace />

  const enter = (username: string, password: string) => {
    setBusy(true)
    setError(undefined)
    login(username, password).catch((reason: unknown) => {
      setError(reason)
      setBusy(false)
    })
  }
  const submit = (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    enter(String(form.get('username')), String(form.get('password')))
  }
  return (
    <Page title={t('auth.login')} narrow bar={null}>
      <Welcome />
      <Card>
        <form className={styles.form} onSubmit={submit}>
          {error !== undefined && (
            <p className={styles.problem} role="alert">
              {explain(error)}
            </p>
          )}
          <Input
            label={t('auth.username')}
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck="false"
            required
          />
          <Input label={t('auth.password')} name="password" type="password" autoComplete="current-password" required />
          <Button type="submit" disabled={busy} wide>
            {t('auth.login')}
          </Button>
        </form>
      </Card>
      <p className={styles.other}>
        {t('auth.noAccount')} <Link href={`/register?next=${encodeURIComponent(next)}`}>{t('auth.register')}</Link>
      </p>
      <Demo onEnter={enter} />
    </Page>
  )
}

/** With the demo on, its people are a tap away. */
function Demo({ onEnter }: { onEnter(username: string, password: string): void }) {
  const { data } = useQuery({ queryKey: ['demo'], queryFn: demoLogins, retry: false })
  if (data?.password == null || data.people.length === 0) return null
  const { password, people } = data
  return (
    <Card title={t('auth.demo')}>
      <div className={styles.demo}>
        {people.map(({ username, name }) => (
          <Button key={username} kind="quiet" size="small" onClick={() => onEnter(username, password)}>
            {name}
          </Button>
        ))}
      </div>
    </Card>
  )
}

/** Only ever to a page of our own. */
export function inside(next: string | null): string {
  return next?.startsWith('/') && !next.startsWith('//') ? next : '/'
}
