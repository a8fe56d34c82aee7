import type { KubernetesObject } from '../../manifest/object.ts'

/** What names one object on a server, whatever version it was written in. */
export interface Identity {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string }
}

/** The API group: "apps" of "apps/v1", "" of "v1". */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}

/** "Deployment.apps", "Secret": a kind with its group, as an ApplySet's parent lists them. */
export function groupKindOf({ apiVersion, kind }: Pick<KubernetesObject, 'apiVersion' | 'kind'>): string {
  const group = groupOf(apiVersion)
  return group ? `${kind}.${group}` : kind
}

/** One text for each object, equal for all versions of its kind. */
export function keyOf({ apiVersion, kind, metadata }: Identity): string {
  return `${groupKindOf({ apiVersion, kind })}|${metadata.namespace ?? ''}|${metadata.name}`
}
