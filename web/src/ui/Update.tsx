import { t } from '../i18n'
import { later, takeNewVersion, useUpdate } from '../update'
import { IconButton } from './Button'
import { Icon } from './Icon'
import styles from './Toasts.module.css'

/** Says that there is a new version; nothing is loaded anew before the person wants it. */
export function Update() {
  if (!useUpdate()) return null
  return (
    <div className={styles.update} role="status">
      <Icon name="star" />
      <span>{t('update.ready')}</span>
      <button type="button" className={styles.action} onClick={takeNewVersion}>
        {t('update.use')}
      </button>
      <IconButton icon="close" label={t('action.close')} onClick={later} />
    </div>
  )
}
