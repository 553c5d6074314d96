/** Compares answers with the schemas of the server's document. A client that is older than its server finds out here. */

import { safeParse } from 'zod/mini'
import { checkAnswers } from './client'
import { answers } from './gen/answers.gen'

export function startChecking(onMismatch: (route: string, issues: string) => void): void {
  checkAnswers((route, answer) => {
    const schema = answers[route as keyof typeof answers]
    if (schema === undefined) return
    const result = safeParse(schema, answer)
    if (!result.success) onMismatch(route, JSON.stringify(result.error.issues.slice(0, 3)))
  })
}
