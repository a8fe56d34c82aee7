import { TaskError } from '../../cli/errors.ts'
import { type ObjectRef, type Resource, refTitle, resourcePath } from '../resource.ts'
import type { Discovery } from './discovery.ts'

/** What a path is made from. */
export interface KnownKinds {
  discovery(): Promise<Discovery>
  /** For namespaced objects that name none. */
  namespace: string
}

/** The path of an object of a known kind; an error for a kind that the server does not know. */
export async function pathOf(server: KnownKinds, ref: ObjectRef, subresource?: string): Promise<string> {
  const path = await findPath(server, ref, subresource)
  if (path !== undefined) return path
  throw new TaskError(`${refTitle(ref)}: the server does not know kind ${ref.kind} of ${ref.apiVersion}`, {
    hint: 'apply its CustomResourceDefinition first, or correct apiVersion and kind: kubectl api-resources',
  })
}

/** The path of an object, or undefined for an unknown kind; asks again for a kind that was not there before. */
export async function findPath(
  server: KnownKinds,
  ref: ObjectRef,
  subresource?: string,
): Promise<string | undefined> {
  const resource = await findResource(server, ref)
  if (!resource) return undefined
  if (ref.name === '') throw new TaskError(`${ref.kind} without a name`, { hint: 'give it metadata.name' })
  return resourcePath(resource, { namespace: ref.namespace ?? server.namespace, name: ref.name, subresource })
}

async function findResource(
  { discovery }: KnownKinds,
  { apiVersion, kind }: ObjectRef,
): Promise<Resource | undefined> {
  const kinds = await discovery()
  const known = kinds.find(apiVersion, kind)
  if (known) return known
  await kinds.refreshIfOld()
  return kinds.find(apiVersion, kind)
}
