import type { Unit } from '../../api/gen/types.gen'
import { t } from '../../i18n'
import { unit } from '../../i18n/format'
import { Select } from '../../ui/Field'

const UNITS: Unit[] = ['kg', 'g', 'l', 'ml', 'm', 'piece']

/** In what a new product is measured; the form has it as `unit`. */
export function UnitSelect() {
  return (
    <Select label={t('run.productUnit')} name="unit">
      {UNITS.map((code) => (
        <option key={code} value={code}>
          {unit(code)}
        </option>
      ))}
    </Select>
  )
}
