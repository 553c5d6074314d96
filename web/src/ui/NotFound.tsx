import { t } from '../i18n'
import { LinkButton } from './Button'
import { EmptyState } from './Cards'
import { Page } from './Page'

export function NotFound() {
  return (
    <Page title={t('error.notFound')} narrow>
      <EmptyState
        icon="search"
        title={t('error.notFound')}
        action={<LinkButton href="/">{t('groups.title')}</LinkButton>}
      >
        {t('error.notFoundText')}
      </EmptyState>
    </Page>
  )
}
