/** Much to show is shown in pieces: between two of them the browser paints, and hears what the person does. */

import { useEffect, useState } from 'react'

/** A page that nobody sees is not painted, but goes on all the same. */
const UNSEEN_MS = 200
const IDLE_WITHIN_MS = 500

/** Calls back once what is there now is to be seen. */
export function afterPaint(run: () => void): () => void {
  let isOver = false
  const once = () => {
    if (isOver) return
    isOver = true
    run()
  }
  requestAnimationFrame(() => setTimeout(once))
  const unseen = setTimeout(once, UNSEEN_MS)
  return () => {
    isOver = true
    clearTimeout(unseen)
  }
}

/** Calls back when there is nothing better to do, or soon. */
export function whenIdle(run: () => void): void {
  if ('requestIdleCallback' in globalThis) requestIdleCallback(run, { timeout: IDLE_WITHIN_MS })
  else setTimeout(run, UNSEEN_MS)
}

/** Whoever goes back finds the place they left: the browser looks for it at once, and the page has to be as long as it was. */
let goesBack = false
addEventListener('popstate', () => {
  goesBack = true
  setTimeout(() => {
    goesBack = false
  })
})

/** How many of `count` to show: `first` at once, `more` of them after every paint. */
export function useInPieces(count: number, first: number, more: number): number {
  const [shown, setShown] = useState(() => (goesBack ? count : first))
  useEffect(() => {
    if (shown < count) return afterPaint(() => setShown(shown + more))
  }, [shown, count, more])
  return Math.min(shown, count)
}
