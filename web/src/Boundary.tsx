import { Component, type ReactNode } from 'react'
import { t } from './i18n'
import { Button } from './ui/Button'
import { EmptyState } from './ui/Cards'

/** What breaks while painting is shown here instead of a white page. */
export class Boundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true }
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children
    return (
      <main>
        <h1 className="hidden">{t('app.name')}</h1>
        <EmptyState
          icon="warning"
          title={t('error.crash')}
          action={<Button onClick={() => location.reload()}>{t('error.reload')}</Button>}
        >
          {t('error.crashText')}
        </EmptyState>
      </main>
    )
  }
}
