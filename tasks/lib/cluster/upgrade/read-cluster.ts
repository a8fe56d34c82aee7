import type { ApiClient } from '../../api/client.ts'
import { TaskError } from '../../cli/errors.ts'
import type { ClusterNode } from '../../config/model.ts'
import { ownPrograms } from '../../node/kubeadm/own-programs.ts'
import type { ClusterScene } from '../cluster.ts'
import { isOurs, type LiveNode } from './cordon.ts'
import { upgradeRecord } from './upgrade-command.ts'

/** A node before its turn. */
export interface UpgradeNode {
  node: ClusterNode
  isControlPlane: boolean
  /** Of the API server's manifest. */
  apiServer?: string
  /** Of the kubelet that runs. */
  kubelet: string
  /** What kubeadm has taken it to, to the end; undefined where that was never an upgrade of ours. */
  upgradedTo?: string
  /** The file with encryption keys that its API server is started with. */
  encryption?: string
  /** The digest of the settings that it was given then. */
  settings?: string
  /** It takes no new pods. */
  isCordoned: boolean
  /** … because a run before has said so. */
  isCordonedByUs: boolean
}

/** All nodes of a cluster, and the version that kubeadm says the cluster has. */
export interface UpgradeState {
  version: string
  /** Control planes first, in the order of the configuration. */
  nodes: UpgradeNode[]
}

type Scene = Pick<ClusterScene, 'survey' | 'members' | 'config' | 'client' | 'machine'>

/** Reads what runs. A TaskError where a control plane does not answer, or a node is no member of the cluster's API. */
export async function readUpgrade(scene: Scene): Promise<UpgradeState> {
  const { survey, members, config, client } = scene
  const silent = config.cluster.nodes.filter(({ name }) => survey.unreachable.has(name))
  const missing = silent.find(({ roles }) => roles.includes('control-plane'))
  if (missing)
    throw new TaskError(`${missing.name} cannot be reached: a control plane must not stay behind`, {
      hint: 'bring it back first, or take it out of the cluster: tasks node:remove NAME',
    })
  const api = await client()
  const live = await liveNodes(api)
  const nodes = await Promise.all(members.map((node) => readNode(node, { scene, live: live.get(node.name) })))
  return { version: await clusterVersion(api), nodes }
}

async function readNode(
  node: ClusterNode,
  { scene, live }: { scene: Scene; live: LiveNode | undefined },
): Promise<UpgradeNode> {
  const kubelet = live?.status?.nodeInfo?.kubeletVersion?.replace(/^v/, '')
  if (!live || !kubelet)
    throw new TaskError(`the cluster has no Node ${node.name}, though its machine belongs to one`, {
      hint: `kubectl get nodes; make it anew: tasks node:rebuild ${node.name}`,
    })
  const { isControlPlane, versions } = scene.survey.states.get(node.name)!
  const title = 'read what kubeadm has taken the node to'
  const { stdout } = await scene.machine(node).run(readScript, { title })
  const [record = '', encryption] = stdout.split('\n')
  const [upgradedTo, settings] = record.trim().split(' ')
  return {
    ...{ node, isControlPlane, kubelet, settings },
    ...(isControlPlane && { apiServer: versions.apiServer }),
    ...(encryption && { encryption }),
    ...(upgradedTo && { upgradedTo }),
    isCordoned: live.spec?.unschedulable === true,
    isCordonedByUs: isOurs(live),
  }
}

const readScript = `${ownPrograms}
echo "$(cat ${upgradeRecord} 2>/dev/null)"
flag encryption-provider-config 2>/dev/null || :`

async function liveNodes(api: ApiClient): Promise<Map<string, LiveNode>> {
  const { items } = await api.request<{ items: LiveNode[] }>('GET', '/api/v1/nodes')
  return new Map(items.map((node) => [node.metadata.name, node]))
}

async function clusterVersion(api: ApiClient): Promise<string> {
  const path = '/api/v1/namespaces/kube-system/configmaps/kubeadm-config'
  const { data } = await api.request<{ data?: Record<string, string> }>('GET', path)
  const version = /^kubernetesVersion: *v?(\S+)$/m.exec(data?.ClusterConfiguration ?? '')?.[1]
  if (version) return version
  throw new TaskError('ConfigMap kube-system/kubeadm-config does not say the version of the cluster', {
    hint: 'was it made by kubeadm? kubectl -n kube-system get configmap kubeadm-config -o yaml',
  })
}
