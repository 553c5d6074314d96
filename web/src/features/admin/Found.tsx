import { type ReactNode, useEffect, useState } from 'react'
import type { usePages } from '../../api/pages'
import { t } from '../../i18n'
import { cardClass, EmptyState } from '../../ui/Cards'
import { Input } from '../../ui/Field'
import { Pages } from '../../ui/Pages'
import { useSettled } from '../../ui/useSettled'
import styles from './Admin.module.css'

interface Props {
  title: string
  pages: ReturnType<typeof usePages<unknown>>
  onSearch(q: string): void
  children: ReactNode
}

/** A list that is searched while typing. */
export function Found({ title, pages, onSearch, children }: Props) {
  const [typed, setTyped] = useState('')
  const q = useSettled(typed.trim())
  useEffect(() => onSearch(q), [onSearch, q])
  return (
    <section className={`${cardClass} ${styles.stack}`} aria-label={title}>
      <Input label={t('admin.search')} type="search" value={typed} onChange={(event) => setTyped(event.target.value)} />
      <Pages of={pages} empty={<EmptyState icon="search" title={t('run.addNone')} />}>
        {children}
      </Pages>
    </section>
  )
}
