import { Link } from 'wouter'
import { getProductsSimilar, getStoresSimilar } from '../../api/gen/operations.gen'
import { t } from '../../i18n'
import { Icon } from '../../ui/Icon'
import { useSettled } from '../../ui/useSettled'
import styles from './Catalogue.module.css'

const SIMILAR = { products: getProductsSimilar, stores: getStoresSimilar }

/** Perhaps it is there already, under nearly this name. Said while typing, and never in the way. */
export function Similar({ kind, name }: { kind: 'products' | 'stores'; name: string }) {
  const asked = useSettled(name.trim())
  const { data } = SIMILAR[kind].use({ query: { name: asked } }, { enabled: asked.length > 2 })
  const found = data?.items ?? []
  return (
    <div role="status">
      {found.length > 0 && (
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
