import type { Place } from '../cli/errors.ts'

/** A JSON value as Kubernetes reads it; whole numbers beyond 2^53 are BigInt and print without loss. */
export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json }
export type JsonMap = { [key: string]: Json }

/** An object in the API: what is sent and what comes back. */
export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
  [field: string]: unknown
}

export interface ObjectMeta {
  name: string
  namespace?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  [field: string]: unknown
}

/** A reference to a variable: where it stands, and where in the object it ended up ("spec.replicas"). */
export interface VariableUse extends Place {
  name: string
  path: string
}

/** An object read from a manifest file, with where it came from. */
export interface ManifestObject {
  object: KubernetesObject
  /** The line of the document's first key. */
  source: Place
  variables: VariableUse[]
  /** The place of a field, for an error that the server reports: path as "spec.template.spec.containers[0].image". */
  placeOf(path: string): Place
}

/** "Deployment default/web", "Namespace web": how plans, errors and reports name an object. */
export function objectTitle(object: Pick<KubernetesObject, 'kind' | 'metadata'>): string {
  const { name, namespace } = object.metadata
  return `${object.kind} ${namespace ? `${namespace}/` : ''}${name}`
}
