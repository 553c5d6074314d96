import { type ReactNode, useEffect, useRef } from 'react'
import { Link, useLocation } from 'wouter'
import { t } from '../i18n'
import { useLiveStatus } from '../live'
import { useUnread } from '../live/me'
import { setTheme, useIsDark } from '../theme'
import { IconButton, IconLink } from './Button'
import { Icon, type IconName } from './Icon'
import styles from './Page.module.css'

/** A longer title is written smaller, so that all of it is to be seen. */
const LONG = 26

interface Props {
  title: string
  under?: ReactNode
  /** Where the back arrow leads. */
  back?: string
  /** Beside the theme switch; on a phone instead of it, which is also among the preferences. */
  actions?: ReactNode
  /** Shows whether the page is live. */
  live?: boolean
  /** The one thing to do here, always within the thumb's reach. Instead of the tabs. */
  bar?: ReactNode
  /** One column. */
  narrow?: boolean
  children: ReactNode
}

export function Page({ title, under, back, actions, live, bar, narrow, children }: Props) {
  const main = useRef<HTMLElement>(null)
  useEffect(() => {
    document.title = `${title} – ${t('app.name')}`
  }, [title])
  return (
    <div className={styles.page}>
      <button type="button" className={styles.skip} onClick={() => main.current?.focus()}>
        {t('nav.skip')}
      </button>
      <header className={styles.top}>
        <div className={styles.topIn}>
          {back !== undefined && <IconLink icon="back" label={t('nav.back')} href={back} />}
          <div className={styles.title}>
            <h1 data-long={title.length > LONG}>{title}</h1>
            {(under !== undefined || live) && (
              <div className={styles.under}>
                {under !== undefined && <span>{under}</span>}
                {live && <LiveState />}
              </div>
            )}
          </div>
          <span className={styles.theme} data-crowded={actions !== undefined}>
            <ThemeSwitch />
          </span>
          {actions}
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1} className={styles.main}>
        {narrow ? <div className={styles.narrow}>{children}</div> : children}
      </main>
      {bar !== undefined ? (
        <footer className={styles.bar}>
          <div className={styles.barIn}>{bar}</div>
        </footer>
      ) : (
        <Tabs />
      )}
    </div>
  )
}

/** Live, catching up, offline: a dot, and the word. */
export function LiveState() {
  const status = useLiveStatus()
  return (
    <span
      className={styles.live}
      data-status={status}
      role="status"
      title={status === 'offline' ? t('live.offlineHint') : undefined}
    >
      {status === 'offline' ? <Icon name="offline" size={14} /> : <i />}
      {t(`live.${status}`)}
    </span>
  )
}

function ThemeSwitch() {
  const dark = useIsDark()
  return (
    <IconButton
      icon={dark ? 'sun' : 'moon'}
      label={t(dark ? 'theme.toLight' : 'theme.toDark')}
      onClick={() => setTheme(dark ? 'light' : 'dark')}
    />
  )
}

export interface Tab {
  href: string
  icon: IconName
  label: Parameters<typeof t>[0]
}

const TABS: Tab[] = [
  { href: '/', icon: 'people', label: 'nav.groups' },
  { href: '/search', icon: 'search', label: 'nav.search' },
  { href: '/notifications', icon: 'bell', label: 'nav.notifications' },
  { href: '/me', icon: 'person', label: 'nav.me' },
]

function Tabs() {
  const [location] = useLocation()
  return (
    <nav className={styles.bar} aria-label={t('nav.main')}>
      <div className={styles.tabs}>
        {TABS.map(({ href, icon, label }) => (
          <Link key={href} href={href} className={styles.tab} aria-current={isAt(location, href) ? 'page' : undefined}>
            <Icon name={icon} />
            {t(label)}
            {label === 'nav.notifications' && <Unread />}
          </Link>
        ))}
      </div>
    </nav>
  )
}

const MOST_SHOWN = 99

function Unread() {
  const unread = useUnread()
  if (unread === 0) return null
  return (
    <span className={styles.badge}>
      <span aria-hidden="true">{unread > MOST_SHOWN ? `${MOST_SHOWN}+` : unread}</span>
      <span className="hidden">{t('nav.unread', { n: unread })}</span>
    </span>
  )
}

function isAt(location: string, href: string): boolean {
  return href === '/' ? location === '/' || location.startsWith('/groups') : location.startsWith(href)
}
