import { ApiError, isTooManyRequests, NoAnswerError } from '../errors.ts'

export interface Trial {
  /** Sending it twice ends like sending it once. */
  isIdempotent: boolean
  /** How many attempts failed before this one. */
  tries: number
  /** Since the first failure. */
  waitedMs: number
  /** How long a server that does not answer is waited for. */
  patienceMs: number
  /** The server was away a moment ago: its authorizer may not know all its rules yet. */
  isAfterOutage?: boolean
}

// A server that throttles is alive, and asks for up to half a minute at a time.
const throttledFactor = 5

/** The pause in milliseconds before the same request is sent again, or undefined: the failure is the answer. */
export function retryDelay(error: unknown, trial: Trial): number | undefined {
  if (trial.waitedMs >= trial.patienceMs * (isTooManyRequests(error) ? throttledFactor : 1)) return undefined
  if (error instanceof NoAnswerError)
    return !error.sent || trial.isIdempotent ? backoff(trial, 1000) : undefined
  if (!(error instanceof ApiError)) return undefined
  const after = error.retryAfterSeconds
  if (error.status === 429) return isBudget(error) ? undefined : pause(after, backoff(trial, 8000))
  if (error.status === 403) return trial.isAfterOutage && trial.tries < 5 ? 1000 : undefined
  if (!isUnavailable(error)) return undefined
  // Retry-After on a server error says that nothing was done.
  if (after === undefined && (!trial.isIdempotent || trial.tries >= 4)) return undefined
  return pause(after, backoff(trial, 4000))
}

/** An eviction that a PodDisruptionBudget forbids is answered with 429 as well, and stays forbidden for minutes. */
function isBudget({ details }: ApiError): boolean {
  return details.causes.some(({ reason }) => reason === 'DisruptionBudget')
}

/** Not every 500: a webhook that fails is one too, and its caller knows better whether to wait. */
function isUnavailable({ status, message, retryAfterSeconds }: ApiError): boolean {
  if (status === 502 || status === 503 || status === 504) return true
  return status === 500 && (retryAfterSeconds !== undefined || message.includes('etcdserver:'))
}

/** Spread out, so that requests that failed together do not come back together. */
function backoff({ tries }: Trial, maxMs: number): number {
  return Math.min(100 * 2 ** tries, maxMs) * (0.5 + Math.random() / 2)
}

function pause(afterSeconds: number | undefined, otherwiseMs: number): number {
  return afterSeconds === undefined ? otherwiseMs : afterSeconds * 1000 + Math.random() * 250
}
