import type { KubernetesObject } from '../manifest/object.ts'

/** One kind of object as a server offers it. */
export interface Resource {
  /** "" for the core group. */
  group: string
  version: string
  kind: string
  /** The plural that stands in paths: "deployments". */
  name: string
  namespaced: boolean
  verbs: string[]
  shortNames: string[]
}

/** Names one object; a namespaced one without a namespace is looked for in the context's. */
export interface ObjectRef {
  apiVersion: string
  kind: string
  name: string
  namespace?: string
}

/** "v1" or "apps/v1". */
export function apiVersionOf({ group, version }: Pick<Resource, 'group' | 'version'>): string {
  return group ? `${group}/${version}` : version
}

/** The reference to an object. */
export function refOf(object: KubernetesObject): ObjectRef {
  const { name, namespace } = object.metadata
  return { apiVersion: object.apiVersion, kind: object.kind, name, namespace }
}

/** "Deployment default/web" */
export function refTitle({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace ? `${namespace}/` : ''}${name}`
}

/** The URL path of a collection, or of one object where a name is given. */
export function resourcePath(
  resource: Resource,
  { namespace, name, subresource }: { namespace?: string; name?: string; subresource?: string } = {},
): string {
  const { group, version, namespaced } = resource
  return [
    group ? `/apis/${group}/${version}` : `/api/${version}`,
    namespaced && namespace ? `namespaces/${encodeURIComponent(namespace)}` : undefined,
    resource.name,
    name === undefined ? undefined : encodeURIComponent(name),
    subresource,
  ]
    .filter((part) => part !== undefined)
    .join('/')
}
