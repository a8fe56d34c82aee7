import type { Finding } from '../../cli/errors.ts'
import type { Config } from '../../config/model.ts'
import { clusterConfiguration } from '../../kubernetes/kubeadm/cluster-configuration.ts'
import type { ClusterNetwork, KubernetesState } from '../../node/kubeadm/kubernetes-state.ts'

/**
 * Why a cluster that runs is not the one that cluster.yaml describes: pods and Services have other addresses or names there.
 * Nothing changes them afterwards.
 */
export function networkRefusal(
  { cluster }: Pick<Config, 'cluster'>,
  network: KubernetesState['network'],
): Finding | undefined {
  const wanted: Partial<ClusterNetwork> = {
    ...(clusterConfiguration({ cluster }).networking as Partial<ClusterNetwork>),
    ...(typeof cluster.kubelet.clusterDomain === 'string' && { dnsDomain: cluster.kubelet.clusterDomain }),
  }
  const live = Object.entries(network) as [keyof ClusterNetwork, string][]
  const other = live.filter(([field, value]) => wanted[field] !== value)
  if (other.length === 0) return undefined
  const words = (values: typeof live) => values.map(([field, value]) => `${field}: ${value}`).join(', ')
  const asked = words(other.map(([field]) => [field, wanted[field] ?? 'none']))
  return {
    severity: 'error',
    message: `the cluster was made with ${words(other)}, and cluster.yaml says ${asked}: a cluster keeps what it was made with`,
    hint: `in cluster.yaml: network: { ${words(other)} }`,
  }
}
