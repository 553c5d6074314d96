import { Link } from 'wouter'
import { t } from '../../i18n'
import { Icon } from '../../ui/Icon'
import styles from './Catalogue.module.css'

interface Props {
  kind: 'products' | 'stores'
  found: readonly { id: string; name: string }[] | undefined
}

/** Perhaps it is there already, under nearly this name. Said while typing, and never in the way. */
export function Similar({ kind, found }: Props) {
  return (
    <div role="status">
      {found !== undefined && found.length > 0 && (
        <div className={styles.similar}>
          <b>
            <Icon name="warning" size={18} /> {t('catalogue.similar')}
          </b>
          {found.slice(0, 3).map(({ id, name }) => (
            <Link key={id} href={`/${kind}/${id}`}>
              {name}
            </Link>
          ))}
        </div>
      )}
    </div>
  )
}
