import type { ClusterNode } from '../config/model.ts'
import type { KubernetesObject } from '../manifest/object.ts'

export interface Taint {
  key: string
  value?: string
  effect: string
}

/** What keeps pods off a control plane: kubeadm sets it. */
export const controlPlaneTaint: Taint = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }

/** The taints of a Node. */
export function taintsOf(live: KubernetesObject): Taint[] {
  return (live.spec as { taints?: Taint[] } | undefined)?.taints ?? []
}

/**
 * The taints that a node should have: those that it has, and those of the configuration. A control plane that is a
 * worker too is not kept free of pods. What others have set stays: a node that is not ready, or cordoned, has some. Pure.
 */
export function wantedTaints(
  node: Pick<ClusterNode, 'roles' | 'taints'>,
  present: readonly Taint[],
): Taint[] {
  const runsPods = node.roles.includes('control-plane') && node.roles.includes('worker')
  const kept = present.filter((taint) => {
    const isConfigured = node.taints.some((one) => isSame(one, taint))
    const isReplaced = isConfigured || (runsPods && isSame(taint, controlPlaneTaint))
    return !isReplaced
  })
  return [...kept, ...node.taints]
}

/** "gpu=yes:NoExecute", sorted: whether two lists say the same. */
export function taintLines(taints: readonly Taint[]): string[] {
  return taints.map(({ key, value, effect }) => `${key}${value ? `=${value}` : ''}:${effect}`).sort()
}

// The server knows a taint by its key and effect.
function isSame(one: Taint, other: Taint): boolean {
  return one.key === other.key && one.effect === other.effect
}
