import type { KubernetesObject } from '../../manifest/object.ts'
import { isNotFound } from '../errors.ts'
import { applyType, type Requester } from '../http/request.ts'
import { type ObjectRef, refOf } from '../resource.ts'
import { createOnce } from './create.ts'
import { findPath, type KnownKinds, pathOf } from './object-path.ts'

export interface ReadOptions {
  signal?: AbortSignal
}

export interface WriteOptions extends ReadOptions {
  /** The server goes through everything and stores nothing. */
  dryRun?: boolean
  /** "metaltasks" unless given. */
  fieldManager?: string
}

export interface ApplyOptions extends WriteOptions {
  /** Takes over fields of other managers. */
  force?: boolean
}

export interface PatchOptions extends WriteOptions {
  /** Applying it twice ends like applying it once, so it may be sent again. */
  idempotent?: boolean
  force?: boolean
  /** "status" and the like. */
  subresource?: string
}

export interface RemoveOptions extends ReadOptions {
  dryRun?: boolean
  /** Only the object with this UID: another of the same name is a Conflict. */
  uid?: string
  resourceVersion?: string
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
}

/** What can be done with one object. */
export interface Objects {
  /** The object, or undefined where it, or its kind, is not there. */
  get(ref: ObjectRef, options?: ReadOptions): Promise<KubernetesObject | undefined>
  /** Server-side apply; unknown fields are errors. */
  apply(object: KubernetesObject, options?: ApplyOptions): Promise<KubernetesObject>
  /** Creates; where the answer got lost it looks whether the object is there, and as it was sent. */
  create(object: KubernetesObject, options?: WriteOptions): Promise<KubernetesObject>
  /** A patch of the given content type. */
  patch(ref: ObjectRef, body: unknown, contentType: string, options?: PatchOptions): Promise<KubernetesObject>
  /** PUT; with metadata.resourceVersion only onto that version. */
  replace(object: KubernetesObject, options?: WriteOptions): Promise<KubernetesObject>
  /** Deletes; false where it was not there any more. */
  remove(ref: ObjectRef, options?: RemoveOptions): Promise<boolean>
  /** The text of a container's log. */
  logs(namespace: string, pod: string, options?: LogOptions): Promise<string>
}

export interface LogOptions extends ReadOptions {
  container?: string
  tailLines?: number
  /** Of the container's run before this one. */
  previous?: boolean
}

interface ObjectServer extends KnownKinds {
  requester: Requester
}

/** The verbs on objects of one server. */
export function createObjects(server: ObjectServer): Objects {
  const { requester } = server
  return {
    async get(ref, { signal } = {}) {
      const path = await findPath(server, ref)
      return path === undefined ? undefined : getAt(requester, path, { ref, signal })
    },
    async apply(object, { force, signal, ...options } = {}) {
      const ref = refOf(object)
      const query = { ...writeQuery(options), force }
      const path = await pathOf(server, ref)
      return requester.request('PATCH', path, { query, body: object, contentType: applyType, signal, ref })
    },
    async create(object, options = {}) {
      const ref = refOf(object)
      const path = await pathOf(server, ref)
      const query = writeQuery(options)
      return createOnce(requester, { object, ref, path, query, signal: options.signal })
    },
    async patch(ref, body, contentType, { idempotent, force, subresource, signal, ...options } = {}) {
      const path = await pathOf(server, ref, subresource)
      const query = { ...writeQuery(options), force }
      return requester.request('PATCH', path, { query, body, contentType, idempotent, signal, ref })
    },
    async replace(object, { signal, ...options } = {}) {
      const ref = refOf(object)
      const path = await pathOf(server, ref)
      return requester.request('PUT', path, { query: writeQuery(options), body: object, signal, ref })
    },
    async remove(ref, options = {}) {
      const path = await findPath(server, ref)
      return path !== undefined && removeAt(requester, { ...options, path, ref })
    },
    logs(namespace, pod, { container, tailLines, previous, signal } = {}) {
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log`
      return requester.request('GET', path, {
        query: { container, tailLines, previous },
        accept: '*/*',
        signal,
      })
    },
  }
}

function writeQuery({ dryRun, fieldManager = 'metaltasks' }: WriteOptions) {
  return { fieldManager, fieldValidation: 'Strict', dryRun: dryRun ? 'All' : undefined }
}

async function getAt(
  requester: Requester,
  path: string,
  options: ReadOptions & { ref: ObjectRef },
): Promise<KubernetesObject | undefined> {
  try {
    return await requester.request<KubernetesObject>('GET', path, options)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

async function removeAt(
  requester: Requester,
  {
    path,
    ref,
    uid,
    resourceVersion,
    propagationPolicy,
    dryRun,
    signal,
  }: RemoveOptions & {
    path: string
    ref: ObjectRef
  },
): Promise<boolean> {
  const preconditions = uid || resourceVersion ? { uid, resourceVersion } : undefined
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions, propagationPolicy }
  const query = { dryRun: dryRun ? 'All' : undefined }
  try {
    await requester.request('DELETE', path, { body, query, idempotent: uid !== undefined, signal, ref })
    return true
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}
