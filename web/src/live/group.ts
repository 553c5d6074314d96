/** A group's topic: hints that something is different. A known run is changed in place; only a new one is asked for. */

import { useEffect } from 'react'
import {
  getGroupsGroup,
  getGroupsGroupBalances,
  getGroupsGroupLedger,
  getGroupsGroupMembers,
  getGroupsGroupRuns,
} from '../api/gen/operations.gen'
import type { EventEnvelope, GroupEvent, RunSummary } from '../api/gen/types.gen'
import { queries } from '../api/queries'
import { connection } from '.'

type Runs = { items: RunSummary[] }

const held = new Map<string, { users: number; letGo: () => void }>()

/** Keeps the lists of this group true while a page shows them. */
export function useGroupHints(group: string): void {
  useEffect(() => {
    const entry = held.get(group) ?? { users: 0, letGo: hold(group) }
    held.set(group, entry)
    entry.users += 1
    return () => {
      entry.users -= 1
      if (entry.users > 0) return
      held.delete(group)
      entry.letGo()
    }
  }, [group])
}

function hold(group: string): () => void {
  let known = false
  return connection.hold(`group:${group}`, {
    after: () => undefined,
    reset: () => {},
    subscribed: () => {
      if (known) void queries.invalidateQueries({ queryKey: [getGroupsGroupRuns.route, { path: { group } }] })
      known = true
    },
    events: (events: EventEnvelope[]) => {
      for (const event of events as unknown as GroupEvent[]) hint(group, event)
    },
    ended: () => forget(group),
  })
}

function hint(group: string, event: GroupEvent): void {
  if (event.type === 'run_changed') {
    runChanged(group, event)
    return
  }
  void queries.invalidateQueries({ queryKey: [getGroupsGroupMembers.route, { path: { group } }] })
  void queries.invalidateQueries({ queryKey: [getGroupsGroup.route, { path: { group } }] })
}

function runChanged(group: string, { run_id, state, seq }: Extract<GroupEvent, { type: 'run_changed' }>): void {
  const queryKey = [getGroupsGroupRuns.route, { path: { group } }]
  let found = false
  queries.setQueriesData<Runs>({ queryKey }, (runs) => {
    if (runs === undefined || !runs.items?.some((run) => run.id === run_id)) return runs
    found = true
    return {
      ...runs,
      items: runs.items.map((run) => (run.id === run_id && seq > run.seq ? { ...run, state, seq } : run)),
    }
  })
  if (!found) void queries.invalidateQueries({ queryKey })
  if (state === 'completed' || state === 'cancelled') settled(group)
}

/** A run that ended is in the group's book. */
function settled(group: string): void {
  for (const { route } of [getGroupsGroupBalances, getGroupsGroupLedger]) {
    void queries.invalidateQueries({ queryKey: [route, { path: { group } }] })
  }
}

function forget(group: string): void {
  for (const { route } of [getGroupsGroup, getGroupsGroupRuns, getGroupsGroupMembers]) {
    void queries.invalidateQueries({ queryKey: [route, { path: { group } }] })
  }
}
