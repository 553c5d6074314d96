import { getGroupsGroupMembers } from '../../api/gen/operations.gen'
import type { GroupBalance } from '../../api/gen/types.gen'

export interface Names {
  of(user: string): string
  /** Members, and who left with something open. */
  all: { id: string; name: string }[]
}

/** Who left the group stays in its book, with the name that the balances give. */
export function useNames(group: string, balances: readonly GroupBalance[] = []): Names {
  const { data } = getGroupsGroupMembers.use({ path: { group }, query: { limit: 100 } })
  const known = new Map(balances.map(({ user_id, name }) => [user_id, name]))
  for (const { user_id, name } of data?.items ?? []) known.set(user_id, name)
  return { of: (user) => known.get(user) ?? '?', all: [...known].map(([id, name]) => ({ id, name })) }
}
