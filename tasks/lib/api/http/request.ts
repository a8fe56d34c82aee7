import { ApiError, NoAnswerError } from '../errors.ts'
import { attempt, type Call, type Exchange, head, type RequestOptions } from './exchange.ts'
import type { Answer } from './http.ts'
import { createLimiter } from './limiter.ts'
import { createOutage, type Outage } from './outage.ts'
import { retryDelay } from './retry.ts'

/** How often the server was asked, one for each request however often it was sent again. */
export interface Counts {
  reads: number
  writes: number
  dryRuns: number
}

export interface Requester {
  request<T>(method: string, path: string, options?: RequestOptions): Promise<T>
  /** GET of an answer that goes on for minutes, after its head has come: sent once, outside the limiter. */
  stream(path: string, options: RequestOptions & { signal: AbortSignal }): Promise<Answer>
  counts: Counts
  /** What the server warned of, each once. */
  warnings: Set<string>
}

export interface RequesterOptions
  extends Pick<Exchange, 'server' | 'login' | 'transport' | 'credentials' | 'signal'> {
  say: (text: string) => void
  /** How long a server that stopped answering is waited for; one that never answered a sixth of it. */
  patienceSeconds: number
}

interface State extends Exchange, RequesterOptions {
  outage: Outage
  hasAnswered: boolean
  /** It has answered with something else than an error. */
  hasSaidYes: boolean
}

/** Sends requests: so many at once, again where that is safe, and none longer than its deadline. */
export function createRequester(options: RequesterOptions): Requester {
  const counts: Counts = { reads: 0, writes: 0, dryRuns: 0 }
  const warnings = new Set<string>()
  const outage = createOutage(options.server, options.say)
  const prefix = new URL(options.server).pathname.replace(/\/$/, '')
  const fresh = { limiter: createLimiter(), hasAnswered: false, hasSaidYes: false }
  const state: State = { ...options, prefix, warnings, outage, ...fresh }
  return {
    async request<T>(method: string, path: string, given: RequestOptions = {}) {
      const call: Call = { ...given, method, path }
      counts[kindOf(call)]++
      return (await repeat(state, call)) as T
    },
    async stream(path, given) {
      counts.reads++
      options.signal.throwIfAborted()
      return head(state, { ...given, method: 'GET', path, isStream: true })
    },
    counts,
    warnings,
  }
}

function kindOf({ method, path, query }: Call): keyof Counts {
  // An access review is asked by POST and stores nothing.
  if (method === 'GET' || /^\/apis\/(authorization|authentication)\.k8s\.io\//.test(path)) return 'reads'
  return query?.dryRun === undefined ? 'writes' : 'dryRuns'
}

async function repeat(state: State, call: Call): Promise<unknown> {
  const isIdempotent = call.idempotent ?? (kindOf(call) !== 'writes' || call.contentType === applyType)
  let failedAt = 0
  for (let tries = 0; ; tries++) {
    try {
      state.signal.throwIfAborted()
      const result = await attempt(state, call)
      note(state, 'answered')
      return result
    } catch (error) {
      if (tries === 0 && renewsLogin(state, error)) continue
      note(state, error)
      failedAt ||= Date.now()
      const waitedMs = Date.now() - failedAt
      const patienceMs = patienceSeconds(state) * 1000
      // One that has never said yes may have been started a moment before.
      const isAfterOutage = state.outage.isRecent() || !state.hasSaidYes
      const delay = retryDelay(error, { isIdempotent, tries, waitedMs, patienceMs, isAfterOutage })
      if (delay === undefined) throw error
      await pause(delay, call.signal ? [state.signal, call.signal] : [state.signal])
    }
  }
}

/** The content type of server-side apply. */
export const applyType = 'application/apply-patch+yaml'

/** The login may have run out, or its token file or plugin has a newer one: one more try with what they give now. */
function renewsLogin({ credentials, transport }: State, error: unknown): boolean {
  if (!(error instanceof ApiError) || error.status !== 401 || !credentials.renew()) return false
  transport.retire()
  return true
}

function note(state: State, result: unknown): void {
  if (result instanceof NoAnswerError) state.outage.begin()
  if (result === 'answered') state.hasSaidYes = true
  if (result !== 'answered' && !(result instanceof ApiError)) return
  state.outage.end()
  state.hasAnswered = true
}

/** Before its first answer the address may simply be wrong. */
function patienceSeconds({ hasAnswered, patienceSeconds }: State): number {
  return hasAnswered ? patienceSeconds : patienceSeconds / 6
}

/** Waits, or throws the reason of the first signal that ends the wait. */
function pause(ms: number, signals: AbortSignal[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = () => {
      clearTimeout(timer)
      for (const signal of signals) signal.removeEventListener('abort', finish)
      const ended = signals.find(({ aborted }) => aborted)
      if (ended) reject(ended.reason)
      else resolve()
    }
    const timer = setTimeout(finish, ms)
    for (const signal of signals) signal.addEventListener('abort', finish)
    if (signals.some(({ aborted }) => aborted)) finish()
  })
}
