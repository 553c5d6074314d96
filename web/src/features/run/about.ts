import type { UseQueryResult } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { Problem } from '../../api/client'
import { useShown } from '../../live'
import type { RunStore } from '../../live/run-store'

const SETTLED_MS = 150

/**
 * Keeps an answer that the server worked out of the run level with it: asked for again, once, when the run has moved on.
 * Answers whether it is level now.
 */
export function useLevel(store: RunStore, answer: UseQueryResult<{ seq: number }, Problem>): boolean {
  const seq = useShown(store, ({ view }) => view.seq) ?? 0
  const asked = useRef(0)
  const { data, isFetching, refetch } = answer
  const isLevel = data !== undefined && data.seq >= seq
  useEffect(() => {
    if (data === undefined || isLevel || isFetching || asked.current === seq) return
    const timer = setTimeout(() => {
      asked.current = seq
      void refetch()
    }, SETTLED_MS)
    return () => clearTimeout(timer)
  }, [data, isLevel, isFetching, refetch, seq])
  return isLevel
}
