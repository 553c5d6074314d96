import { useState } from 'react'
import { Link } from 'wouter'
import { getAuthMeStats, patchAuthMe } from '../../api/gen/operations.gen'
import type { PatchMe, Stats } from '../../api/gen/types.gen'
import { complain } from '../../api/problems'
import { choosePermanently, LANGUAGES, type Language, language, t } from '../../i18n'
import { amount, day, money } from '../../i18n/format'
import { useOutbox } from '../../offline'
import { changed, logout, useMe } from '../../session'
import { setTheme, THEMES, type Theme, useTheme } from '../../theme'
import { Avatar } from '../../ui/Badges'
import { Button, IconButton } from '../../ui/Button'
import { Card, ErrorCard, Skeleton } from '../../ui/Cards'
import { Entry } from '../../ui/Entry'
import { Select } from '../../ui/Field'
import { Icon } from '../../ui/Icon'
import { Page } from '../../ui/Page'
import rows from '../../ui/Rows.module.css'
import { Danger } from '../../ui/Sheet'
import { EraseSheet } from './EraseSheet'
import { NameSheet } from './NameSheet'
import { PasswordSheet } from './PasswordSheet'
import styles from './Profile.module.css'
import { Sessions } from './Sessions'

const NAMES: Record<Language, string> = { en: 'English', ru: 'Русский', sr: 'Srpski' }

export default function ProfilePage() {
  const [open, setOpen] = useState<'name' | 'password' | 'erase'>()
  const close = () => setOpen(undefined)
  return (
    <Page title={t('nav.me')}>
      <div className={rows.columns}>
        <div className={rows.column}>
          <Who onEdit={() => setOpen('name')} />
          <Preferences />
          <Figures />
        </div>
        <div className={rows.column}>
          <Sessions />
          <Account onPassword={() => setOpen('password')} onErase={() => setOpen('erase')} />
          <Logout />
        </div>
      </div>
      {open === 'name' && <NameSheet onClose={close} />}
      {open === 'password' && <PasswordSheet onClose={close} />}
      {open === 'erase' && <EraseSheet onClose={close} />}
    </Page>
  )
}

function Who({ onEdit }: { onEdit(): void }) {
  const me = useMe()
  return (
    <Card>
      <div className={styles.who}>
        <Avatar id={me.id} name={me.name} size={56} />
        <div className={rows.what}>
          <h2>{me.name}</h2>
          <p>
            @{me.username} · {t('profile.since', { day: day(me.created_at) })}
          </p>
        </div>
        <IconButton icon="edit" label={t('profile.editName')} onClick={onEdit} />
      </div>
    </Card>
  )
}

/** Chosen for this device, and remembered for the next one. */
async function remember(body: PatchMe): Promise<void> {
  try {
    changed(await patchAuthMe.call({ body }))
  } catch (error) {
    complain(error)
  }
}

function Preferences() {
  const theme = useTheme()
  const speak = (next: Language) => {
    void choosePermanently(next)
    void remember({ language: next })
  }
  const paint = (next: Theme) => {
    setTheme(next)
    void remember({ theme: next })
  }
  return (
    <Card title={t('profile.preferences')}>
      <div className={styles.form}>
        <Select
          label={t('profile.language')}
          value={language()}
          onChange={(event) => speak(event.target.value as Language)}
        >
          {LANGUAGES.map((code) => (
            <option key={code} value={code}>
              {NAMES[code]}
            </option>
          ))}
        </Select>
        <Select label={t('profile.theme')} value={theme} onChange={(event) => paint(event.target.value as Theme)}>
          {THEMES.map((name) => (
            <option key={name} value={name}>
              {t(`profile.theme.${name}`)}
            </option>
          ))}
        </Select>
      </div>
    </Card>
  )
}

const COUNTS = ['runs', 'led', 'helped', 'completed', 'bids'] as const

function Figures() {
  const { data, error, refetch } = getAuthMeStats.use({})
  if (error && !data) return <ErrorCard error={error} onRetry={() => void refetch()} />
  if (!data) return <Skeleton heights={[150]} />
  return (
    <Card title={t('profile.figures')}>
      <dl className={rows.sums}>
        {COUNTS.map((name) => (
          <div key={name}>
            <dt>{t(`profile.count.${name}`)}</dt>
            <dd>{amount(data[name] * 1000)}</dd>
          </div>
        ))}
        <Amounts label={t('profile.spent')} amounts={data.spent} />
        <Amounts label={t('profile.saved')} amounts={data.saved.filter((each) => each.amount >= 0)} />
        <Amounts label={t('profile.paidMore')} amounts={data.saved.filter((each) => each.amount < 0).map(negated)} />
      </dl>
    </Card>
  )
}

const negated = (each: Stats['saved'][number]) => ({ ...each, amount: -each.amount })

function Amounts({ label, amounts }: { label: string; amounts: Stats['spent'] }) {
  if (amounts.length === 0) return null
  return (
    <div>
      <dt>{label}</dt>
      {amounts.map((each) => (
        <dd key={each.currency}>{money(each.amount, each.currency)}</dd>
      ))}
    </div>
  )
}

function Account({ onPassword, onErase }: { onPassword(): void; onErase(): void }) {
  const { is_admin } = useMe()
  return (
    <Card title={t('profile.account')}>
      <ul className={rows.rows}>
        {is_admin && (
          <li>
            <Link className={rows.link} href="/admin">
              <Icon name="shield" /> {t('admin.title')}
            </Link>
          </li>
        )}
        <Entry icon="lock" text={t('profile.password')} onClick={onPassword} />
        <li>
          <a className={rows.link} href="/api/v1/auth/me/export" download>
            <Icon name="download" /> {t('profile.export')}
          </a>
        </li>
        <li>
          <a className={rows.link} href="/api/v1/auth/me/export?format=zip" download>
            <Icon name="download" /> {t('profile.exportZip')}
          </a>
        </li>
        <Entry icon="trash" text={t('profile.erase')} danger onClick={onErase} />
      </ul>
    </Card>
  )
}

/** Whoever logs out leaves nothing on the device, so what is not sent yet is named first. */
function Logout() {
  const waiting = useOutbox().filter((entry) => entry.committed === undefined).length
  const [asking, setAsking] = useState(false)
  return (
    <>
      <Button kind="quiet" wide onClick={() => (waiting > 0 ? setAsking(true) : void logout())}>
        {t('auth.logout')}
      </Button>
      {asking && (
        <Danger
          title={t('profile.logoutTitle')}
          keep={t('profile.stay')}
          act={t('auth.logout')}
          text={t('profile.logoutText', { n: waiting })}
          onKeep={() => setAsking(false)}
          onAct={() => void logout()}
        />
      )}
    </>
  )
}
