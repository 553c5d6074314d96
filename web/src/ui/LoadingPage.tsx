import { t } from '../i18n'
import { Skeleton } from './Cards'
import styles from './Page.module.css'

/** While a page's code is on its way: its shape, without words that would jump. */
export function LoadingPage() {
  return (
    <div className={styles.page}>
      <div className={styles.top}>
        <div className={styles.topIn} />
      </div>
      <main className={styles.main} aria-label={t('loading')}>
        <div className={styles.narrow}>
          <Skeleton />
        </div>
      </main>
    </div>
  )
}
