import type { ClusterNode } from '../config/model.ts'
import type { KubernetesObject } from '../manifest/object.ts'

/** Field manager of the labels on Node objects: kubelet and kubeadm own the rest of a Node. */
export const labelManager = 'metaltasks-labels'

/** The labels that a node should carry: its roles and the configuration's own. Pure. */
export function wantedLabels(node: ClusterNode): Record<string, string> {
  const roles = node.roles.map((role) => [`node-role.kubernetes.io/${role}`, ''] as const)
  return { ...Object.fromEntries(roles), ...node.labels }
}

/**
 * What to apply to a Node that exists, or undefined when its labels are right. It carries the UID, so that a node
 * that has gone meanwhile is refused by the server, never created.
 */
export function labelPatch(node: ClusterNode, live: KubernetesObject): KubernetesObject | undefined {
  const wanted = wantedLabels(node)
  const present = live.metadata.labels ?? {}
  const missing = Object.entries(wanted).some(([key, value]) => present[key] !== value)
  const surplus = ownedLabels(live).some((key) => !(key in wanted))
  if (!missing && !surplus) return undefined
  const { name, uid } = live.metadata
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, uid, labels: wanted } }
}

/** "key=value" lines, sorted, of the labels that a plan is about: wanted ones and those that would go. */
export function labelLines(labels: Record<string, string>, keys: Iterable<string>): string[] {
  return [...keys]
    .filter((key) => key in labels)
    .sort()
    .map((key) => `${key}=${labels[key]}`)
}

/** The label keys that an earlier run set, from the server's record of field owners. */
export function ownedLabels(live: KubernetesObject): string[] {
  const entries = (live.metadata.managedFields ?? []) as ManagedFields[]
  const own = entries.find(({ manager }) => manager === labelManager)
  const fields = Object.keys(own?.fieldsV1?.['f:metadata']?.['f:labels'] ?? {})
  return fields.filter((key) => key.startsWith('f:')).map((key) => key.slice(2))
}

interface ManagedFields {
  manager?: string
  fieldsV1?: { 'f:metadata'?: { 'f:labels'?: Record<string, unknown> } }
}
