import { useState } from 'react'
import { getProducts, getStoresStoreProducts, postStoresStoreAssortmentCsv } from '../../api/gen/operations.gen'
import type { ImportReport, RefusedLine } from '../../api/gen/types.gen'
import { explainCode, fieldError } from '../../api/problems'
import { queries } from '../../api/queries'
import { type Key, knows, t } from '../../i18n'
import { amount } from '../../i18n/format'
import { Button } from '../../ui/Button'
import { Input } from '../../ui/Field'
import { Icon } from '../../ui/Icon'
import rows from '../../ui/Rows.module.css'
import { Sheet } from '../../ui/Sheet'
import { useSubmit } from '../../ui/useSubmit'
import styles from './Catalogue.module.css'

interface Props {
  store: string
  onClose(): void
}

/** Takes a table in, and says of each line that was refused why. */
export function ImportSheet({ store, onClose }: Props) {
  const [report, setReport] = useState<ImportReport>()
  const { onSubmit, busy, error } = useSubmit(async (form) => {
    const file = form.get('file') as File
    const body = new Blob([file], { type: 'text/csv' })
    setReport(await postStoresStoreAssortmentCsv.call({ path: { store }, body }))
    for (const { route } of [getStoresStoreProducts, getProducts]) {
      void queries.invalidateQueries({ queryKey: [route] })
    }
  })
  if (report) {
    return (
      <Sheet title={t('store.importDone')} onClose={onClose}>
        <Report report={report} />
        <div className={rows.buttons}>
          <Button onClick={onClose}>{t('action.close')}</Button>
        </div>
      </Sheet>
    )
  }
  return (
    <Sheet title={t('store.import')} onClose={onClose}>
      <form className={rows.form} onSubmit={onSubmit}>
        <p className={rows.quiet}>{t('store.importText')}</p>
        <a className={rows.link} href={`/api/v1/stores/${store}/assortment.csv`} download>
          <Icon name="download" /> {t('store.importSample')}
        </a>
        <Input
          label={t('store.importFile')}
          name="file"
          type="file"
          accept=".csv,text/csv"
          error={fieldError(error, 'heading') ?? fieldError(error, 'body')}
          required
        />
        <Button type="submit" icon="upload" disabled={busy} wide>
          {t('store.importDo')}
        </Button>
      </form>
    </Sheet>
  )
}

function Report({ report }: { report: ImportReport }) {
  const { lines, imported, created, refused } = report
  const counts = [
    ['store.importLines', lines],
    ['store.imported', imported],
    ['store.importCreated', created],
    ['store.importRefused', refused.length],
  ] as const
  return (
    <div className={rows.form} role="status">
      <dl className={rows.sums}>
        {counts.map(([key, n]) => (
          <div key={key}>
            <dt>{t(key)}</dt>
            <dd>{amount(n * 1000)}</dd>
          </div>
        ))}
      </dl>
      {refused.length > 0 && <Refused lines={refused} />}
    </div>
  )
}

function Refused({ lines }: { lines: readonly RefusedLine[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable without a pointer
    <section className={styles.scroll} tabIndex={0} aria-label={t('store.importRefused')}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('store.importLine')}</th>
            <th scope="col">{t('store.importColumn')}</th>
            <th scope="col">{t('store.importWhy')}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ line, field, code, detail }) => (
            <tr key={`${line}${field}`}>
              <th scope="row">{amount(line * 1000)}</th>
              <td>{field}</td>
              <td>{whyNot(code, detail)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function whyNot(code: string, detail: string): string {
  const key = `import.${code}`
  return knows(key) ? t(key as Key) : explainCode(code, detail)
}
