import { setTimeout as sleep } from 'node:timers/promises'
import { parseJson } from '../../manifest/json.ts'
import type { KubernetesObject } from '../../manifest/object.ts'
import { ApiError, apiError, isExpired, NoAnswerError } from '../errors.ts'
import type { Answer } from '../http/http.ts'
import type { Requester } from '../http/request.ts'
import { type Resource, resourcePath } from '../resource.ts'
import { listObjects } from './list.ts'

export interface WatchOptions {
  /** All namespaces unless given. */
  namespace?: string
  /** Only this object. */
  name?: string
  labelSelector?: string
  /** Where to go on after a LIST; without it the watch lists first and gives each object as ADDED. */
  resourceVersion?: string
  /** What that LIST held, so that what vanishes while no connection stands is told as DELETED. */
  known?: KubernetesObject[]
  /** Ends the watch without an error. */
  signal: AbortSignal
}

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  object: KubernetesObject
}

interface Watch extends WatchOptions {
  resource: Resource
  /** By namespace/name: what the reader was told of. */
  seen: Map<string, KubernetesObject>
}

/**
 * Events of one kind until the signal ends it: goes on where it was after a lost connection, and lists again where the
 * server no longer knows that place. An event may then be told twice; a state is never left out at the end.
 */
export async function* watchObjects(
  requester: Requester,
  { resource, ...options }: WatchOptions & { resource: Resource },
): AsyncGenerator<WatchEvent, void> {
  const watch: Watch = {
    ...options,
    resource,
    seen: new Map(options.known?.map((item) => [keyOf(item), item])),
  }
  for (let failures = 0; !options.signal.aborted; ) {
    try {
      if (!watch.resourceVersion) yield* relist(requester, watch)
      const before = watch.resourceVersion
      yield* follow(requester, watch)
      failures = watch.resourceVersion === before ? failures + 1 : 0
    } catch (error) {
      if (options.signal.aborted) return
      if (isExpired(error)) watch.resourceVersion = undefined
      else if (!isPassing(error)) throw error
      failures++
    }
    await sleep(Math.min(50 * 2 ** failures, 5000), undefined, { signal: options.signal }).catch(() => {})
  }
}

/** Lists and tells what differs from what was told before. */
async function* relist(requester: Requester, watch: Watch): AsyncGenerator<WatchEvent, void> {
  const { resource, namespace, labelSelector, signal, seen } = watch
  const fieldSelector = selectorOf(watch)
  const { items, resourceVersion } = await listObjects(requester, {
    ...{ resource, namespace, labelSelector, fieldSelector, signal },
  })
  const gone = new Map(seen)
  for (const object of items) {
    const key = keyOf(object)
    gone.delete(key)
    const type = seen.has(key) ? 'MODIFIED' : 'ADDED'
    if (seen.get(key)?.metadata.resourceVersion === object.metadata.resourceVersion) continue
    seen.set(key, identity(object))
    yield { type, object }
  }
  for (const [key, object] of gone) {
    seen.delete(key)
    yield { type: 'DELETED', object }
  }
  watch.resourceVersion = resourceVersion
}

/** One connection's events; ends when the server ends it, as it does every few minutes. */
async function* follow(requester: Requester, watch: Watch): AsyncGenerator<WatchEvent, void> {
  const { resource, namespace, labelSelector, signal, seen } = watch
  const query = {
    ...{ watch: true, allowWatchBookmarks: true, resourceVersion: watch.resourceVersion },
    ...{ labelSelector, fieldSelector: selectorOf(watch), timeoutSeconds: 290 },
  }
  const answer = await requester.stream(resourcePath(resource, { namespace }), { query, signal })
  for await (const line of lines(answer, signal)) {
    const { type, object } = parseJson<WatchEvent | { type: 'ERROR'; object: { code?: number } }>(line)
    if (type === 'ERROR') throw statusError(object as { code?: number }, line)
    watch.resourceVersion = object.metadata.resourceVersion as string
    if (type === 'DELETED') seen.delete(keyOf(object))
    else if (type !== 'BOOKMARK') seen.set(keyOf(object), identity(object))
    yield { type, object }
  }
}

function selectorOf({ name }: Watch): string | undefined {
  return name === undefined ? undefined : `metadata.name=${name}`
}

async function* lines({ body }: Answer, signal: AbortSignal): AsyncGenerator<string, void> {
  let rest = ''
  body.setEncoding('utf8')
  try {
    for await (const chunk of body) {
      const parts = (rest + chunk).split('\n')
      rest = parts.pop()!
      for (const part of parts) if (part !== '') yield part
    }
  } catch (cause) {
    signal.throwIfAborted()
    throw new NoAnswerError('the watch was cut off', { sent: true, cause })
  }
}

function statusError(object: { code?: number }, line: string): ApiError {
  const text = JSON.stringify(parseJson<{ object: unknown }>(line).object)
  return apiError({ status: object.code ?? 500, headers: {}, text }, { what: 'watch' })
}

/** Goes away by itself: no connection, an overloaded or a starting server. */
function isPassing(error: unknown): boolean {
  if (error instanceof NoAnswerError) return true
  return error instanceof ApiError && (error.status === 429 || error.status >= 500)
}

function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}

/** Enough to tell of its deletion later: whole objects of a large watch would stay in memory. */
function identity({ apiVersion, kind, metadata }: KubernetesObject): KubernetesObject {
  const { name, namespace, uid, resourceVersion } = metadata
  return { apiVersion, kind, metadata: { name, namespace, uid, resourceVersion } }
}
