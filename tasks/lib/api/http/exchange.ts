import { setMaxListeners } from 'node:events'
import { parseJson, stringifyJson } from '../../manifest/json.ts'
import { ApiError, apiError, NoAnswerError } from '../errors.ts'
import type { ObjectRef } from '../resource.ts'
import type { Credentials } from './credentials.ts'
import { type Answer, type HttpRequest, readText, type Transport } from './http.ts'
import type { Limiter } from './limiter.ts'

export type Query = Record<string, string | number | boolean | undefined>

export interface RequestOptions {
  query?: Query
  /** Text as it is; anything else as JSON. */
  body?: unknown
  contentType?: string
  accept?: string
  /** Cuts the request off; whether the server acted on it is then unknown. */
  signal?: AbortSignal
  /** For each attempt: 30 unless told. */
  timeoutSeconds?: number
  /** May be sent again when no answer came: told by method and query unless given. */
  idempotent?: boolean
  /** The object that it is about, for errors. */
  ref?: ObjectRef
  /** Hears what the server warned of in the answer to this request, and the client's own list does not. */
  onWarning?(text: string): void
}

export interface Call extends RequestOptions {
  method: string
  path: string
  isStream?: boolean
}

/** What an attempt needs of its client. */
export interface Exchange {
  server: string
  /** Who asks, for errors: 'context "home" of FILE'. */
  login: string
  /** The server's own path before all others, behind a gateway: "/clusters/home"; else "". */
  prefix: string
  transport: Transport
  credentials: Credentials
  limiter: Limiter
  warnings: Set<string>
  /** Nothing new starts once it is aborted; what is in flight ends. */
  signal: AbortSignal
}

/** Sends once and gives the parsed answer; ApiError for a status of 300 and above, NoAnswerError for none. */
export async function attempt(exchange: Exchange, call: Call): Promise<unknown> {
  const { limiter, signal: stop } = exchange
  // Many requests may wait on one signal.
  if (call.signal) setMaxListeners(0, call.signal)
  await limiter.acquire(call.signal)
  const deadline = startDeadline(call, exchange.server)
  let outcome: Parameters<Limiter['release']>[0] = 'unanswered'
  try {
    stop.throwIfAborted()
    const answer = await head(exchange, { ...call, signal: deadline.signal })
    const text = await readText(answer, deadline.signal)
    outcome = 'answered'
    return isJson(answer) ? parseBody(text) : text
  } catch (error) {
    if (error instanceof ApiError) outcome = error.status === 429 ? 'overloaded' : 'answered'
    throw error
  } finally {
    deadline.clear()
    limiter.release(outcome)
  }
}

interface Deadline {
  signal: AbortSignal
  clear(): void
}

function startDeadline({ signal, timeoutSeconds = 30 }: Call, server: string): Deadline {
  const controller = new AbortController()
  const cancel = () => controller.abort(signal?.reason)
  signal?.addEventListener('abort', cancel, { once: true })
  const timer = setTimeout(() => {
    controller.abort(
      new NoAnswerError(`API server ${server} gave no answer within ${timeoutSeconds} s`, { sent: true }),
    )
  }, timeoutSeconds * 1000)
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', cancel)
    },
  }
}

/** Sends and waits for the head of a good answer; reads and throws a bad one. */
export async function head(exchange: Exchange, call: Call & { signal: AbortSignal }): Promise<Answer> {
  const { signal, ref } = call
  const request = await httpRequest(exchange, call)
  const answer = await exchange.transport.open(request, signal)
  const heard = call.onWarning ?? ((text: string) => void exchange.warnings.add(text))
  for (const text of warningsOf(answer)) heard(text)
  if (answer.status < 300) return answer
  const text = await readText(answer, signal)
  throw apiError({ ...answer, text }, { ref, what: `${call.method} ${call.path}`, login: exchange.login })
}

async function httpRequest({ credentials, prefix }: Exchange, call: Call): Promise<HttpRequest> {
  const { method, path, query, contentType = 'application/json', accept = 'application/json' } = call
  const headers: HttpRequest['headers'] = {
    ...(await credentials.headers()),
    accept,
    'user-agent': 'metaltasks',
  }
  const body = bodyText(call.body)
  if (body !== undefined) {
    headers['content-type'] = contentType
    headers['content-length'] = String(Buffer.byteLength(body))
  }
  return { method, path: prefix + path + queryText(query), headers, body, isStream: call.isStream }
}

function bodyText(body: unknown): string | undefined {
  return body === undefined || typeof body === 'string' ? body : stringifyJson(body)
}

function queryText(query: Query = {}): string {
  const parts = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
  return parts.length > 0 ? `?${parts.join('&')}` : ''
}

/** Warning headers: 299 - "text", several joined by commas. */
function warningsOf({ headers }: Answer): string[] {
  const found = String(headers.warning ?? '').matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)
  return [...found].map(([, text]) => text!.replace(/\\(.)/g, '$1'))
}

function isJson({ headers }: Answer): boolean {
  return String(headers['content-type']).startsWith('application/json')
}

function parseBody(text: string): unknown {
  try {
    return parseJson(text)
  } catch (cause) {
    throw new NoAnswerError('the answer is not whole JSON', { sent: true, cause })
  }
}
