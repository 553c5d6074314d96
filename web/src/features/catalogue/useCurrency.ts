import { getGroups } from '../../api/gen/operations.gen'

/** Prices know no currency of their own; people see them in that of their group. */
export function useCurrency(): string {
  const { data } = getGroups.use({ query: { limit: 100 } })
  return data?.items[0]?.currency ?? 'EUR'
}
