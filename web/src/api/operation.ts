/** What the generated operations are made of: a route with its types, and the hooks that call it. */

import {
  type UseMutationOptions,
  type UseQueryOptions,
  type UseQueryResult,
  useMutation,
  useQuery,
} from '@tanstack/react-query'
import { type Problem, type Request, send } from './client'

interface Shape {
  body?: unknown
  path?: unknown
  query?: unknown
  url: string
}

type Fields<D extends Shape> = Pick<D, 'body' | 'path' | 'query'>
type Given<D extends Shape> = { [K in keyof Fields<D> as undefined extends Fields<D>[K] ? never : K]: Fields<D>[K] }
/** What a call has to say: only what the route knows. */
export type Params<D extends Shape> = Given<D> & Partial<Fields<D>> & { commandId?: string; signal?: AbortSignal }
type Args<P> = Record<never, never> extends P ? [params?: P] : [params: P]

export interface Query<D extends Shape, Answer> {
  /** Invalidate with `[route]`, one answer with `key(params)`. */
  readonly route: string
  key(params?: Params<D>): readonly [string, unknown]
  options(...args: Args<Params<D>>): {
    queryKey: readonly [string, unknown]
    queryFn: (context: { signal: AbortSignal }) => Promise<Answer>
  }
  call(...args: Args<Params<D>>): Promise<Answer>
  use(params: Params<D>, more?: Partial<UseQueryOptions<Answer, Problem>>): UseQueryResult<Answer, Problem>
}

export function query<D extends Shape, Answer>(method: string, route: string): Query<D, Answer> {
  const call = (params?: Params<D>) => send<Answer>(method, route, params as Request)
  const key = (params?: Params<D>) => [route, { path: params?.path, query: params?.query }] as const
  return {
    route,
    key,
    call: (...[params]) => call(params),
    options: (...[params]) => ({
      queryKey: key(params),
      queryFn: ({ signal }) => call({ ...(params as Params<D>), signal }),
    }),
    use: (params, more) =>
      useQuery<Answer, Problem>({
        queryKey: key(params),
        queryFn: ({ signal }) => call({ ...params, signal }),
        ...more,
      }),
  }
}

export interface Mutation<D extends Shape, Answer> {
  call(...args: Args<Params<D>>): Promise<Answer>
  use(
    more?: Omit<UseMutationOptions<Answer, Problem, Params<D>>, 'mutationFn'>,
  ): ReturnType<typeof useMutation<Answer, Problem, Params<D>>>
}

export function mutation<D extends Shape, Answer>(method: string, route: string): Mutation<D, Answer> {
  const call = (params?: Params<D>) => send<Answer>(method, route, params as Request)
  return {
    call: (...[params]) => call(params),
    use: (more) => useMutation<Answer, Problem, Params<D>>({ ...more, mutationFn: (params) => call(params) }),
  }
}
