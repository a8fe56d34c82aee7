import type { PodSecurityLevel } from '../../config/kubeadm-model.ts'
import type { KubernetesObject } from '../../manifest/object.ts'

/** From the one that allows everything to the one that allows least. */
const levels: readonly PodSecurityLevel[] = ['privileged', 'baseline', 'restricted']

/** The label of a namespace that says which pods are refused in it. */
export const enforceLabel = 'pod-security.kubernetes.io/enforce'

/** The level that a namespace asks for by its label; undefined where it has none, or one that Kubernetes does not know. */
export function labelledLevel({
  metadata,
}: Pick<KubernetesObject, 'metadata'>): PodSecurityLevel | undefined {
  const label = metadata.labels?.[enforceLabel]
  return levels.find((level) => level === label)
}

/** The next stricter level; undefined above restricted. */
export function stricterThan(level: PodSecurityLevel): PodSecurityLevel | undefined {
  return levels[levels.indexOf(level) + 1]
}
