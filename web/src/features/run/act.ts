import type { Command } from '../../api/gen/types.gen'
import { explainCode } from '../../api/problems'
import type { Outcome } from '../../live/connection'
import type { RunStore } from '../../live/run-store'
import { toast } from '../../ui/toasts'

/** Asks for it; a no is said aloud. */
export async function act(store: RunStore, command: Command): Promise<Outcome> {
  const outcome = await store.ask(command)
  if (outcome.kind === 'rejected') toast(explainCode(outcome.code, outcome.detail), 'bad')
  return outcome
}
