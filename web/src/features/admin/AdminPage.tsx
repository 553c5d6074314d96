import { useEffect, useRef } from 'react'
import { Link } from 'wouter'
import { t } from '../../i18n'
import { useMe } from '../../session'
import { NotFound } from '../../ui/NotFound'
import { Page } from '../../ui/Page'
import styles from './Admin.module.css'
import { Groups } from './Groups'
import { Log } from './Log'
import { Overview } from './Overview'
import { Products, Stores } from './Things'
import { Users } from './Users'

const PARTS = { overview: Overview, users: Users, groups: Groups, stores: Stores, products: Products, log: Log }
type Part = keyof typeof PARTS

/** For admins of the server. Everything done here stands in the log. */
export default function AdminPage({ params }: { params: { part?: string } }) {
  const { is_admin } = useMe()
  const parts = useRef<HTMLElement>(null)
  const part = params.part ?? 'overview'
  // On a phone the row is wider than the screen.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another part is what scrolls
  useEffect(() => {
    parts.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [part])
  if (!is_admin || !isPart(part)) return <NotFound />
  const Part = PARTS[part]
  return (
    <Page title={t('admin.title')} back="/me">
      <nav ref={parts} className={styles.parts} aria-label={t('admin.title')}>
        {(Object.keys(PARTS) as Part[]).map((name) => (
          <Link
            key={name}
            href={name === 'overview' ? '/admin' : `/admin/${name}`}
            aria-current={name === part ? 'page' : undefined}
          >
            {t(`admin.${name}`)}
          </Link>
        ))}
      </nav>
      <Part />
    </Page>
  )
}

const isPart = (name: string): name is Part => Object.hasOwn(PARTS, name)
