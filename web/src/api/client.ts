/** One way to the server: JSON in, JSON out, a problem as an exception. No component calls `fetch`. */

export interface FieldProblem {
  field: string
  code: string
  detail: string
}

/** Why not (RFC 9457). `code` is for programs; `OFFLINE` is ours: there was no answer. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly errors: FieldProblem[]
  readonly facts: Record<string, unknown>
  readonly retryAfterMs: number | undefined

  constructor(status: number, body: Record<string, unknown>, retryAfterMs?: number) {
    super(String(body.detail ?? body.title ?? `HTTP ${status}`))
    this.status = status
    this.code = String(body.code ?? 'UNEXPECTED')
    this.errors = Array.isArray(body.errors) ? (body.errors as FieldProblem[]) : []
    this.facts = body
    this.retryAfterMs = retryAfterMs
  }
}

export interface Request {
  path?: Record<string, string>
  query?: Record<string, unknown>
  body?: unknown
  /** The same for each repetition of one thing a person did. */
  commandId?: string
  signal?: AbortSignal
}

type Listener = (problem: Problem) => void
const listeners = new Set<Listener>()
type Checker = (route: string, answer: unknown) => void
let checker: Checker | undefined

/** Told of every 401: the login has ended. */
export function onProblem(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Looks at every answer from now on; loaded after the first paint. */
export function checkAnswers(check: Checker): void {
  checker = check
}

export function address(template: string, request: Request): string {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(request.path?.[name] ?? ''))
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined && value !== null) query.set(name, String(value))
  }
  const text = query.toString()
  return text === '' ? path : `${path}?${text}`
}

export async function send<Answer>(method: string, template: string, request: Request = {}): Promise<Answer> {
  const response = await reach(method, template, request)
  if (response.ok) {
    const answer = response.status === 204 ? undefined : await response.json()
    checker?.(`${method} ${template}`, answer)
    return answer as Answer
  }
  const problem = new Problem(response.status, await response.json().catch(() => ({})), retryAfter(response))
  for (const listener of listeners) listener(problem)
  throw problem
}

async function reach(method: string, template: string, request: Request): Promise<Response> {
  const { body, type } = bodyOf(request)
  const headers: Record<string, string> = {}
  if (type !== undefined) headers['content-type'] = type
  if (request.commandId !== undefined) headers['idempotency-key'] = request.commandId
  try {
    return await fetch(address(template, request), { method, headers, body, signal: request.signal })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Problem(0, { code: 'OFFLINE', detail: 'no answer' })
  }
}

/** A file goes as it is, everything else as JSON. */
function bodyOf({ body }: Request): { body?: BodyInit; type?: string } {
  if (body === undefined) return {}
  if (body instanceof Blob) return { body, type: body.type || 'application/octet-stream' }
  return { body: JSON.stringify(body), type: 'application/json' }
}

function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after'))
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined
}
