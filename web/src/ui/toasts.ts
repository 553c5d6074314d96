/** Short words about what I did. What others do is shown where it happens. */

export interface Toast {
  id: number
  text: string
  kind: 'said' | 'bad'
  action?: { label: string; run(): void }
}

const STAYS_MS = 6000
let toasts: readonly Toast[] = []
let last = 0
const listeners = new Set<() => void>()

function put(next: readonly Toast[]): void {
  toasts = next
  for (const listener of listeners) listener()
}

export function toast(text: string, kind: Toast['kind'] = 'said', action?: Toast['action']): void {
  const id = ++last
  put([...toasts.filter((known) => known.text !== text).slice(-2), { id, text, kind, action }])
  setTimeout(() => dismiss(id), STAYS_MS)
}

export function dismiss(id: number): void {
  put(toasts.filter((known) => known.id !== id))
}

export const currentToasts = (): readonly Toast[] => toasts

export function onToasts(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
