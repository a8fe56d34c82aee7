import { TaskError } from '../cli/errors.ts'
import { parseJson } from '../manifest/json.ts'
import { type ObjectRef, refTitle } from './resource.ts'

/** One reason of a refusal: the field as the server writes it, "spec.ports[0].port". */
export interface StatusCause {
  field?: string
  reason?: string
  message?: string
}

export interface StatusDetails {
  name?: string
  group?: string
  kind?: string
  uid?: string
  causes?: StatusCause[]
  retryAfterSeconds?: number
}

interface StatusBody {
  message?: string
  reason?: string
  details?: StatusDetails
  metadata?: { continue?: string }
}

/** The API server answered, and the answer was no: the `Status` object of the API. */
export class ApiError extends TaskError {
  /** HTTP status. */
  readonly status: number
  /** The API's word: "NotFound", "AlreadyExists", "Conflict", "Invalid", "Forbidden" …; "" where it gave none. */
  readonly reason: string
  readonly details: StatusDetails & { causes: StatusCause[] }
  readonly retryAfterSeconds?: number
  readonly ref?: ObjectRef

  constructor(
    message: string,
    options: {
      status: number
      reason?: string
      details?: StatusDetails
      retryAfterSeconds?: number
      ref?: ObjectRef
      hint?: string
    },
  ) {
    super(message, { hint: options.hint })
    this.name = 'ApiError'
    this.status = options.status
    this.reason = options.reason ?? ''
    this.details = { ...options.details, causes: options.details?.causes ?? [] }
    this.retryAfterSeconds = options.retryAfterSeconds
    this.ref = options.ref
  }
}

/** No whole answer came. Where the request was sent, it may or may not have been carried out. */
export class NoAnswerError extends TaskError {
  /** False: the server certainly did not act on it. */
  readonly sent: boolean

  constructor(message: string, options: { sent: boolean; cause?: unknown; hint?: string }) {
    super(message, {
      hint: 'see that it runs and can be reached from here, then run the same command again',
      ...options,
    })
    this.name = 'NoAnswerError'
    this.sent = options.sent
  }
}

/** The ApiError that an answer with a status of 300 and above stands for. */
export function apiError(
  answer: { status: number; headers: Record<string, string | string[] | undefined>; text: string },
  { ref, what, login = 'this login' }: { ref?: ObjectRef; what: string; login?: string },
): ApiError {
  const { status } = answer
  const body = statusBody(answer.text)
  const after = Number(answer.headers['retry-after'])
  return new ApiError(body.message || fallbackMessage(answer, ref ? refTitle(ref) : what), {
    status,
    reason: body.reason,
    details: body.details,
    retryAfterSeconds: Number.isFinite(after) ? after : body.details?.retryAfterSeconds,
    ref,
    hint: hintFor(status, login),
  })
}

function hintFor(status: number, login: string): string | undefined {
  if (status === 401) return `the server does not accept ${login}: get new credentials for it, then try again`
  if (status === 403) return `see what ${login} may do: kubectl auth can-i --list`
  return undefined
}

/** A proxy, or the server before it is ready, answers in plain text or HTML. */
function statusBody(text: string): StatusBody {
  if (!text.startsWith('{')) return {}
  try {
    const body = parseJson<StatusBody & { kind?: string }>(text)
    return body.kind === 'Status' ? body : {}
  } catch {
    return {}
  }
}

function fallbackMessage({ status, text }: { status: number; text: string }, what: string): string {
  const firstLine = text.trim().split('\n')[0]!
  const said = firstLine && !firstLine.startsWith('<') ? `: ${firstLine.slice(0, 200)}` : ''
  return `${what}: the API server answered ${status}${said}`
}

/** The object, or the kind itself, is not there. */
export function isNotFound(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 404
}

/** Another field manager owns a field, or the object moved since it was read. */
export function isConflict(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 409 && error.reason !== 'AlreadyExists'
}

export function isAlreadyExists(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 409 && error.reason === 'AlreadyExists'
}

export function isForbidden(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 403
}

/** The resourceVersion or continue token is too old: list again. */
export function isExpired(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 410
}

export function isTooManyRequests(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 429
}
