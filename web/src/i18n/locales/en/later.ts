import { account } from './account'
import { balances } from './balances'
import { catalogue } from './catalogue'
import { group } from './group'
import { notifications } from './notifications'
import { refusals } from './refusals'
import { settling } from './settling'

/** What is said only further in. */
export const later = {
  ...refusals,
  ...account,
  ...balances,
  ...catalogue,
  ...group,
  ...notifications,
  ...settling,
}
