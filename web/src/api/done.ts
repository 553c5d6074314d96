import { toast } from '../ui/toasts'
import { complain } from './problems'
import { queries } from './queries'

/** Does it, says `said` or why not, and asks anew for what these keys begin. */
export async function done(keys: readonly (readonly unknown[])[], send: () => Promise<unknown>, said?: string) {
  try {
    await send()
    if (said !== undefined) toast(said)
  } catch (error) {
    complain(error)
  }
  for (const queryKey of keys) void queries.invalidateQueries({ queryKey })
}
