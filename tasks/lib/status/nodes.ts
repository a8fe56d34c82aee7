import { conditionOf, conditionText, type Observed } from '../api/objects/observed.ts'
import type { ClusterNode } from '../config/model.ts'
import { hasKubelet } from '../config/nodes.ts'
import { quantityValue } from '../config/variables/quantity.ts'
import { simulatedAnnotation } from '../sandbox/nodes.ts'
import type { Lists } from './lists.ts'
import type { NodeStatus, Usage } from './model.ts'
import { byName } from './words.ts'

/** The nodes that the cluster has, and the configured ones that it has not. Pure. */
export function nodeStatuses(
  { nodes, pods }: Pick<Lists, 'nodes' | 'pods'>,
  configured: ClusterNode[],
): NodeStatus[] {
  const present = new Set(nodes.map(({ metadata }) => metadata.name))
  const onNodes = podsByNode(pods)
  const missing = configured.filter((node) => hasKubelet(node) && !present.has(node.name))
  return [
    ...nodes.map((node) => nodeStatus(node, onNodes.get(node.metadata.name) ?? [])),
    ...missing.map(missingNode),
  ].sort((one, other) => byName(one.name, other.name))
}

function nodeStatus(node: Observed, pods: Observed[]): NodeStatus {
  const ready = conditionOf(node, 'Ready')
  const isReady = ready?.status === 'True'
  const { nodeInfo, addresses = [], allocatable = {} } = node.status ?? {}
  const requested = (resource: string) => pods.reduce((sum, pod) => sum + requestOf(pod, resource), 0)
  return {
    name: node.metadata.name,
    state: isReady ? 'ready' : 'not ready',
    ...(isReady ? {} : { reason: ready ? conditionText(ready) : 'its kubelet has not reported yet' }),
    cordoned: node.spec?.unschedulable === true,
    simulated: simulatedAnnotation in (node.metadata.annotations ?? {}),
    roles: rolesOf(node.metadata.labels),
    version: String(nodeInfo?.kubeletVersion ?? '').replace(/^v/, ''),
    addresses: addresses
      .filter(({ type }: Address) => type !== 'Hostname')
      .map(({ address }: Address) => address),
    labels: node.metadata.labels ?? {},
    pods: { used: pods.length, total: quantityOf(allocatable.pods) },
    cpu: { used: requested('cpu'), total: quantityOf(allocatable.cpu) },
    memory: { used: requested('memory'), total: quantityOf(allocatable.memory) },
  }
}

interface Address {
  type: string
  address: string
}

const nothing: Usage = { used: 0, total: 0 }

function missingNode({ name, roles, address, labels }: ClusterNode): NodeStatus {
  return {
    name,
    state: 'missing',
    reason: 'configured but not part of the cluster',
    ...{ cordoned: false, simulated: false, roles, version: '', labels },
    addresses: address ? [address] : [],
    ...{ pods: nothing, cpu: nothing, memory: nothing },
  }
}

function rolesOf(labels: Record<string, string> = {}): string[] {
  const prefix = 'node-role.kubernetes.io/'
  return Object.keys(labels)
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length))
    .sort()
}

function podsByNode(pods: Observed[]): Map<string, Observed[]> {
  const onNodes = new Map<string, Observed[]>()
  for (const pod of pods) {
    const node = pod.spec?.nodeName
    if (!node || ['Succeeded', 'Failed'].includes(pod.status?.phase)) continue
    onNodes.set(node, [...(onNodes.get(node) ?? []), pod])
  }
  return onNodes
}

interface Container {
  restartPolicy?: string
  resources?: { requests?: Record<string, string> }
}

// As the scheduler counts: all containers and sidecars at once, or the one init container that asks for more.
function requestOf(pod: Observed, resource: string): number {
  const { containers = [], initContainers = [] } = pod.spec ?? {}
  const ofOne = ({ resources }: Container) => quantityOf(resources?.requests?.[resource])
  const isSidecar = ({ restartPolicy }: Container) => restartPolicy === 'Always'
  const together = [...containers, ...initContainers.filter(isSidecar)]
  const sum = together.reduce((total: number, container: Container) => total + ofOne(container), 0)
  const first = initContainers.filter((container: Container) => !isSidecar(container)).map(ofOne)
  return Math.max(sum, ...first)
}

function quantityOf(quantity: unknown): number {
  return quantityValue(String(quantity ?? '')) ?? 0
}
