import { account } from './account'
import { admin } from './admin'
import { balances } from './balances'
import { catalogue } from './catalogue'
import { group } from './group'
import { notifications } from './notifications'
import { refusals } from './refusals'
import { settling } from './settling'
import { talk } from './talk'

/** What is said only further in. */
export const later = {
  ...refusals,
  ...account,
  ...admin,
  ...balances,
  ...catalogue,
  ...group,
  ...notifications,
  ...settling,
  ...talk,
}
