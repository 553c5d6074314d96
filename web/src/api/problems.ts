/** A problem in the person's language: by its code, otherwise in the server's own words. */

import { type Key, knows, t } from '../i18n'
import { toast } from '../ui/toasts'
import { Problem } from './client'

export function explainCode(code: string, detail: string): string {
  const key = `problem.${code}`
  return knows(key) ? t(key as Key) : detail
}

export function explain(error: unknown): string {
  if (error instanceof Problem) return explainCode(error.code, error.message)
  return t('error.title')
}

/** What is wrong with one field of a form. */
export function fieldError(error: unknown, field: string): string | undefined {
  if (!(error instanceof Problem)) return undefined
  const found = error.errors.find((problem) => problem.field === field)
  return found && explainCode(found.code, found.detail)
}

/** For what a person did where no form would show it. */
export function complain(error: unknown): void {
  toast(explain(error), 'bad')
}
