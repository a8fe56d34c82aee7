import type { Finding } from '../../cli/errors.ts'
import type { Config } from '../../config/model.ts'
import { clusterConfiguration } from '../../kubernetes/kubeadm/cluster-configuration.ts'
import type { ClusterNetwork, KubernetesState } from '../../node/kubeadm/kubernetes-state.ts'

/** Why what cluster.yaml says of its network is not for a cluster that runs; undefined where it is. */
export function networkRefusal(
  config: Pick<Config, 'cluster'>,
  state: Pick<KubernetesState, 'network' | 'cniFiles'>,
): Finding | undefined {
  return otherAddresses(config, state) ?? secondNetwork(config, state)
}

// Pods and Services keep their addresses and names: objects and settings with other ones would tear the network apart.
function otherAddresses(
  { cluster }: Pick<Config, 'cluster'>,
  { network }: Pick<KubernetesState, 'network'>,
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

/** The file of a network that connects pods in the place of ours. */
const otherNetwork = /\/[\d-]*(antrea|calico|canal|cilium|kube-ovn|kuberouter|weave)[^/]*$/

// Each of them would route the pods of all nodes in its own way.
function secondNetwork(
  { cluster }: Pick<Config, 'cluster'>,
  { cniFiles = [] }: Pick<KubernetesState, 'cniFiles'>,
): Finding | undefined {
  const { provider } = cluster.network
  const file = cniFiles.find((one) => otherNetwork.test(one))
  if (provider === 'none' || !file) return undefined
  return {
    severity: 'error',
    message: `${file} is there: pods have their network from it, and ${provider} would be a second one`,
    hint: 'to keep it, in cluster.yaml: network: { provider: none }',
  }
}
