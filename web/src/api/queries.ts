/** The cache of what the server said. Live connections say what changed, so nothing is polled or fetched again by itself. */

import { QueryClient } from '@tanstack/react-query'
import { Problem } from './client'

const RETRIES = 3

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 60_000,
      gcTime: 24 * 3_600_000,
      refetchOnWindowFocus: false,
      refetchOnReconnect: true,
      networkMode: 'offlineFirst',
      retry: (failures, error) => failures < RETRIES && isPassing(error),
      retryDelay: (failures, error) => (error instanceof Problem && error.retryAfterMs) || 500 * 2 ** failures,
    },
    mutations: { networkMode: 'always', retry: false },
  },
})

/** Busy, or out of reach: the next try may succeed. */
function isPassing(error: unknown): boolean {
  return error instanceof Problem && (error.status === 0 || error.status === 429 || error.status >= 500)
}
