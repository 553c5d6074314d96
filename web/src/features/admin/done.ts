import { done as doneAnywhere } from '../../api/done'
import { t } from '../../i18n'

/** Does it, says that it is done or why not, and asks anew for the lists of these routes. */
export function done(routes: readonly string[], send: () => Promise<unknown>): Promise<void> {
  const keys = routes.map((route) => [route])
  return doneAnywhere(keys, send, t('admin.done'))
}
