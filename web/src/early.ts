/** What the page began before any of this code was here (vite/boot.js). */

import type { RunView } from './api/gen/types.gen'

interface Early {
  /** The tables of numbers and dates are read. */
  numbers: Promise<unknown>
  run?: string
  view?: Promise<RunView | undefined>
}

const early = (globalThis as { bulqEarly?: Early }).bulqEarly
let here: RunView | undefined

/** Waits for it, but not long: a page that has everything is painted once. */
export async function waitForEarly(patienceMs: number): Promise<void> {
  const all = Promise.all([early?.numbers, early?.view?.then((view) => (here = view))])
  await Promise.race([all, new Promise((resolve) => setTimeout(resolve, patienceMs))])
}

/** Gives the run to whoever shows it first, now or as soon as it is here. Later it would be old. */
export function takeEarly(id: string, show: (view: RunView) => void): void {
  if (early?.run !== id) return
  early.run = undefined
  if (here !== undefined) show(here)
  else void early.view?.then((view) => view && show(view))
}
