/** Light, dark, or what the device says. The first choice is made in vite/boot.js, before the first paint. */

import { useSyncExternalStore } from 'react'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const STORED = 'bulq.theme'
const listeners = new Set<() => void>()
const dark = matchMedia('(prefers-color-scheme: dark)')
dark.addEventListener('change', apply)

export function theme(): Theme {
  const stored = localStorage.getItem(STORED)
  return THEMES.find((known) => known === stored) ?? 'system'
}

export function setTheme(next: Theme): void {
  localStorage.setItem(STORED, next)
  apply()
}

function apply(): void {
  const wanted = theme()
  document.documentElement.dataset.theme = wanted === 'dark' || (wanted === 'system' && dark.matches) ? 'dark' : 'light'
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useIsDark(): boolean {
  return useSyncExternalStore(subscribe, () => document.documentElement.dataset.theme === 'dark')
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, theme)
}
