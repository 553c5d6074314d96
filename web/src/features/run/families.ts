/** What the shopper may pick where people want any of a family; kept on the device, as the list is. */

import { useMemo } from 'react'
import { getRunsRunFamilies } from '../../api/gen/operations.gen'
import type { FamilyMember } from '../../api/gen/types.gen'

export function useFamilies(run: string): ReadonlyMap<string, readonly FamilyMember[]> {
  const { data } = getRunsRunFamilies.use({ path: { run } })
  return useMemo(() => {
    const families = new Map<string, FamilyMember[]>()
    for (const member of data?.items ?? [])
      families.set(member.family_id, [...(families.get(member.family_id) ?? []), member])
    return families
  }, [data])
}
