import type { ClusterNode, Config } from '../config/model.ts'
import { hasKubelet } from '../config/nodes.ts'
import type { KubernetesObject } from '../manifest/object.ts'

/** The annotation that KWOK looks for, and by which everyone sees that no machine stands behind a Node. */
export const simulatedAnnotation = 'kwok.x-k8s.io/node'
/** Carries the node's address to the stage that makes its status. */
export const addressAnnotation = 'metaltasks/node-address'

const controlPlane = 'node-role.kubernetes.io/control-plane'

/** The Node objects of a configuration; three where it names none. Machines that run only etcd are no Nodes. */
export function simulatedNodes(config: Config): KubernetesObject[] {
  const { nodes } = config.cluster
  const named = nodes.length > 0 ? nodes : defaultNodes()
  return named.filter(hasKubelet).map(nodeObject)
}

function defaultNodes(): ClusterNode[] {
  return ['kube1', 'kube2', 'kube3'].map((name, index) => ({
    name,
    roles: index === 0 ? ['control-plane', 'worker'] : ['worker'],
    labels: {},
    taints: [],
    volumes: [],
  }))
}

function nodeObject(node: ClusterNode, index: number): KubernetesObject {
  const isControlPlane = node.roles.includes('control-plane')
  const isWorker = node.roles.includes('worker')
  // As kubeadm does: a node that is only a control plane node takes no workloads.
  const kept = isControlPlane && !isWorker ? [{ key: controlPlane, effect: 'NoSchedule' as const }] : []
  const taints = [
    ...node.taints,
    ...kept.filter(({ key }) => !node.taints.some((taint) => taint.key === key)),
  ]
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      annotations: {
        [simulatedAnnotation]: 'fake',
        // 192.0.2.0/24 is reserved for documentation: visibly nobody's.
        [addressAnnotation]: node.address ?? `192.0.2.${10 + (index % 240)}`,
      },
      labels: {
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': 'linux',
        ...(isControlPlane ? { [controlPlane]: '' } : {}),
        ...node.labels,
      },
    },
    spec: taints.length > 0 ? { taints } : {},
  }
}
