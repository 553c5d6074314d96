import type { PriceObservation } from '../../api/gen/types.gen'

export interface AtStore {
  id: string
  name: string
  /** Latest first, as the server has them. */
  observations: PriceObservation[]
}

/** The store that was seen last comes first. */
export function byStore(observations: readonly PriceObservation[]): AtStore[] {
  const stores = new Map<string, AtStore>()
  for (const seen of observations) {
    const store = stores.get(seen.store_id) ?? { id: seen.store_id, name: seen.store_name, observations: [] }
    store.observations.push(seen)
    stores.set(seen.store_id, store)
  }
  return [...stores.values()]
}
