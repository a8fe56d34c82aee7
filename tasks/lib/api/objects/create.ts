import type { KubernetesObject } from '../../manifest/object.ts'
import { ApiError, isAlreadyExists, isNotFound, NoAnswerError } from '../errors.ts'
import type { Query } from '../http/exchange.ts'
import type { Requester } from '../http/request.ts'
import type { ObjectRef } from '../resource.ts'

const maxTries = 5

/**
 * Creates an object exactly once, whatever becomes of the answers: where one got lost the object is read, and counts as
 * created when it holds everything that was sent. `path` is the object's own.
 */
export async function createOnce(
  requester: Pick<Requester, 'request'>,
  {
    object,
    ref,
    path,
    query,
    signal,
  }: {
    object: KubernetesObject
    ref: ObjectRef
    path: string
    query: Query
    signal?: AbortSignal
  },
): Promise<KubernetesObject> {
  const collection = path.slice(0, path.lastIndexOf('/'))
  let isUnknown = false
  for (let tries = 1; ; tries++) {
    try {
      return await requester.request('POST', collection, { query, body: object, signal, ref })
    } catch (error) {
      const isLost = error instanceof NoAnswerError && error.sent && query.dryRun === undefined
      isUnknown ||= isLost
      if (!isLost && !(isUnknown && isAlreadyExists(error))) throw error
      const stored = await read(requester, { path, signal, ref })
      if (stored && holds(stored, object)) return stored
      if (stored) throw alreadyExists(ref)
      if (tries >= maxTries) throw error
    }
  }
}

async function read(
  requester: Pick<Requester, 'request'>,
  { path, ...options }: { path: string; signal?: AbortSignal; ref: ObjectRef },
): Promise<KubernetesObject | undefined> {
  try {
    return await requester.request<KubernetesObject>('GET', path, options)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** Everything sent is there with the same value; what the server added does not matter. */
function holds(stored: unknown, sent: unknown): boolean {
  if (Array.isArray(sent)) {
    return (
      Array.isArray(stored) &&
      stored.length === sent.length &&
      sent.every((item, i) => holds(stored[i], item))
    )
  }
  if (typeof sent !== 'object' || sent === null) return sent === (stored ?? null)
  if (typeof stored !== 'object' || stored === null) return Object.keys(sent).length === 0
  return Object.entries(sent).every(
    ([key, value]) => value === undefined || holds((stored as Record<string, unknown>)[key], value),
  )
}

function alreadyExists(ref: ObjectRef): ApiError {
  return new ApiError(`${ref.kind} "${ref.name}" already exists, and not as it was sent`, {
    status: 409,
    reason: 'AlreadyExists',
    ref,
  })
}
