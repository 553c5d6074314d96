import { t } from '../../i18n'
import styles from './Auth.module.css'

export function Welcome() {
  return (
    <div className={styles.welcome}>
      <img className={styles.logo} src="/icon.svg" width={64} height={64} alt="" />
      <p>{t('app.tagline')}</p>
    </div>
  )
}
