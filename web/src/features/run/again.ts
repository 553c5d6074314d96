/** The same again: a new run to the same store, with one's own bids in it. */

import { postGroupsGroupRuns, putRunsRunBidsProductId } from '../../api/gen/operations.gen'
import type { RunView } from '../../api/gen/types.gen'

/** Answers the new run. A product that is gone from the catalogue is left out; the run is there all the same. */
export async function runAgain(view: RunView, me: string, commandId: string): Promise<string> {
  const body = { store_id: view.store_id, comment: view.comment, auto_confirm: view.auto_confirm }
  const { run_id } = await postGroupsGroupRuns.call({ path: { group: view.group_id }, body, commandId })
  const mine = view.products.flatMap(({ product_id, bids }) =>
    bids.filter((bid) => bid.user_id === me).map((bid) => ({ product_id, bid })),
  )
  for (const { product_id, bid } of mine) {
    const { quantity, min, max, interested_only, comment } = bid
    await putRunsRunBidsProductId
      .call({ path: { run: run_id, product_id }, body: { quantity, min, max, interested_only, comment } })
      .catch(() => undefined)
  }
  return run_id
}
