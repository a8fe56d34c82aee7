import type { ClusterNode, Config } from '../../config/model.ts'
import { type HeldEndpoint, heldEndpoint, type Peer } from '../../kubernetes/endpoint/endpoint.ts'
import { haproxyConfig } from '../../kubernetes/endpoint/haproxy.ts'
import { keepalivedConfig, readyProgram, readyProgramText } from '../../kubernetes/endpoint/keepalived.ts'
import { kubeVipPod } from '../../kubernetes/endpoint/kube-vip.ts'
import { controlPlaneNodes } from '../../kubernetes/kubeadm/topology.ts'
import { type KubeVipTexts, kubeVip, settledKubeVip } from '../../node/endpoint/kube-vip.ts'
import { type LoadBalancerFiles, loadBalancer } from '../../node/endpoint/load-balancer.ts'
import { unknownInterface } from '../../node/endpoint/unknown-interface.ts'
import type { KubernetesSurvey } from '../../node/kubeadm/kubernetes-state.ts'
import { adminConfig, superAdminConfig } from '../../node/kubeadm/paths.ts'
import type { NodeStep } from '../../node/plan/plan-nodes.ts'
import type { Machines } from '../../node/ssh/machines.ts'
import { addressOf, areKnown } from './addresses.ts'

export interface EndpointScene {
  config: Pick<Config, 'cluster'>
  machines: Pick<Machines, 'of'>
  /** The nodes that this run is about. */
  nodes: ClusterNode[]
  survey: KubernetesSurvey
}

/** What holds the endpoint's address, on each control plane of this run; nothing where somebody else holds it. */
export function endpointWork(scene: EndpointScene): NodeStep['work'] {
  const { config, survey } = scene
  const endpoint = heldEndpoint(config.cluster)
  // A control plane that does not answer is told of by the plan, which leaves the others as they are because of it.
  if (!endpoint || !areKnown(controlPlaneNodes(config.cluster), survey)) return []
  return controlPlaneNodes(scene).map((node) => ({
    machine: scene.machines.of(node),
    resources:
      endpoint.provider === 'kube-vip'
        ? [kubeVip(kubeVipTexts(node, { endpoint, scene }))]
        : keepalivedResources(node, { endpoint, scene }),
  }))
}

/** What is left to do for it when the first control plane was set up. */
export function settledEndpointWork(scene: EndpointScene): NodeStep['work'] {
  const endpoint = heldEndpoint(scene.config.cluster)
  const first = firstControlPlane(scene)
  if (endpoint?.provider !== 'kube-vip' || !first || !scene.nodes.includes(first)) return []
  const texts = kubeVipTexts(first, { endpoint, scene })
  return [{ machine: scene.machines.of(first), resources: [settledKubeVip(texts)] }]
}

interface Held {
  endpoint: HeldEndpoint
  scene: EndpointScene
}

function kubeVipTexts(node: ClusterNode, { endpoint, scene }: Held): KubeVipTexts {
  const version = scene.config.cluster.software.versions['kube-vip']
  const pod = (kubeconfig: string) => kubeVipPod(endpoint, { kubeconfig, version })
  const isFirst = node === firstControlPlane(scene)
  return { settled: pod(adminConfig), ...(isFirst && { first: pod(superAdminConfig) }) }
}

// The one that a cluster is being made on, or would be.
function firstControlPlane({ config, survey }: EndpointScene): ClusterNode | undefined {
  const nodes = controlPlaneNodes(config.cluster)
  const stateOf = ({ name }: ClusterNode) => survey.states.get(name)
  const begun = nodes.find((node) => stateOf(node)?.begun === 'init')
  const isMade = nodes.some((node) => stateOf(node)?.isControlPlane)
  return begun ?? (isMade ? undefined : nodes[0])
}

function keepalivedResources(node: ClusterNode, { endpoint, scene }: Held) {
  const device = endpoint.interface ?? scene.survey.states.get(node.name)?.interface
  return device ? loadBalancer(filesOf(node, { endpoint, scene, device })) : [unknownInterface()]
}

function filesOf(
  node: ClusterNode,
  { endpoint, scene, device }: Held & { device: string },
): LoadBalancerFiles {
  const { cluster } = scene.config
  const peerOf = (one: ClusterNode): Peer => ({ name: one.name, address: addressOf(one, scene.survey) })
  const peers = controlPlaneNodes(cluster).map(peerOf)
  return {
    haproxy: haproxyConfig(endpoint, peers),
    keepalived: keepalivedConfig(peerOf(node), {
      endpoint,
      cluster: cluster.name,
      peers,
      interface: device,
    }),
    ready: { path: readyProgram, content: readyProgramText },
  }
}
