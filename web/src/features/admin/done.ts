import { complain } from '../../api/problems'
import { queries } from '../../api/queries'
import { t } from '../../i18n'
import { toast } from '../../ui/toasts'

/** Does it, says that it is done or why not, and asks anew for the lists of these routes. */
export async function done(routes: readonly string[], send: () => Promise<unknown>): Promise<void> {
  try {
    await send()
    toast(t('admin.done'))
  } catch (error) {
    complain(error)
  }
  for (const route of routes) void queries.invalidateQueries({ queryKey: [route] })
}
