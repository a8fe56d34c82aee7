import type { ApiClient } from '../../tasks/lib/api/client.ts'
import { TaskError } from '../../tasks/lib/cli/errors.ts'
import type { ClusterScene } from '../../tasks/lib/cluster/cluster.ts'
import type { LiveNode } from '../../tasks/lib/cluster/upgrade/cordon.ts'
import type { ClusterNode, Config } from '../../tasks/lib/config/model.ts'
import { readState } from '../../tasks/lib/node/kubeadm/survey.ts'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import type { SecretProject } from '../../tasks/lib/secrets/project.ts'
import { testConfig } from './config.ts'
import { localMachine } from './local-machine.ts'

interface FakeNode {
  name: string
  roles: ClusterNode['roles']
  kubelet: string
  apiServer?: string
  /** What our record on its machine says. */
  record?: string
  /** A flag of its API server. */
  encryption?: string
  isCordoned: boolean
  annotations: Record<string, string>
  pods: { name: string; owner?: string }[]
  isHealthy: boolean
}

/** A cluster in memory, of whose machines kubeadm and systemd are played: what an upgrade does, and in which order. */
export interface FakeCluster {
  version: string
  nodes: FakeNode[]
  /** Holds what machines have in /etc/kubernetes. */
  folder: string
  /** Settings of kubelets in cluster.yaml. */
  kubelet: Record<string, unknown>
  /** What was done to it, in order: "cp1: kubeadm upgrade apply", "evict w1-web". */
  log: string[]
  /** As a run finds it. */
  scene(): ClusterScene
}

/** Control planes and workers of that version; kubeadm in the wanted version is there already. */
export function fakeCluster(
  { controlPlanes, workers, version }: { controlPlanes: number; workers: number; version: string },
  { wanted, folder }: { wanted: string; folder: string },
): FakeCluster {
  const names = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, at) => `${prefix}${at + 1}`)
  const node = (name: string, roles: ClusterNode['roles']): FakeNode => ({
    ...{ name, roles, kubelet: version, isCordoned: false, annotations: {}, isHealthy: true },
    ...(roles.includes('control-plane') && { apiServer: version }),
    // Each eviction takes two seconds.
    pods: name === 'w1' ? [{ name: 'web', owner: 'ReplicaSet' }] : [],
  })
  const cluster: FakeCluster = {
    version,
    ...{ log: [], kubelet: {}, folder },
    nodes: [
      ...names('cp', controlPlanes).map((name) => node(name, ['control-plane'])),
      ...names('w', workers).map((name) => node(name, ['worker'])),
    ],
    scene: () => sceneOf(cluster, wanted),
  }
  return cluster
}

function sceneOf(cluster: FakeCluster, wanted: string): ClusterScene {
  const config = configOf(cluster, wanted)
  const machine = ({ name }: Pick<ClusterNode, 'name'>) => fakeMachine(cluster, { name, wanted })
  const states = new Map(cluster.nodes.map((node) => [node.name, readState(surveyText(node, wanted))]))
  const { nodes } = config.cluster
  const project = {
    folder: '/nowhere',
    policyFor: async () => {
      throw new TaskError('no rule')
    },
  } as unknown as SecretProject
  return {
    ...{ config, project, machine, isSimulated: false, now: () => new Date() },
    machines: { of: machine } as unknown as ClusterScene['machines'],
    survey: { states, unreachable: new Map() },
    signal: new AbortController().signal,
    members: nodes,
    controlPlanes: nodes.filter(({ roles }) => roles.includes('control-plane')),
    workingControlPlane: async () => machine(nodes[0]!),
    client: async () => fakeClient(cluster),
  }
}

function configOf(cluster: FakeCluster, wanted: string): Config {
  const config = testConfig('/nowhere')
  const nodes = cluster.nodes.map(({ name, roles }) => ({ name, roles, labels: {}, taints: [], volumes: [] }))
  const software = { source: 'none' as const, versions: {} }
  return {
    ...config,
    cluster: { ...config.cluster, kubernetesVersion: wanted, nodes, software, kubelet: cluster.kubelet },
  }
}

function surveyText({ apiServer }: FakeNode, wanted: string): string {
  const lines = [
    'trace\t/etc/kubernetes/kubelet.conf',
    ...(apiServer ? ['trace\t/etc/kubernetes/manifests/kube-apiserver.yaml'] : []),
    ...(apiServer ? [`kube-apiserver-image\tregistry.k8s.io/kube-apiserver:v${apiServer}`] : []),
    `kubeadm\tv${wanted}`,
  ]
  return `${lines.join('\n')}\nwhole\n`
}

function fakeMachine(cluster: FakeCluster, { name, wanted }: { name: string; wanted: string }): Machine {
  const own = cluster.nodes.find((node) => node.name === name)!
  const local = localMachine(name)
  const said = (stdout: string, stderr = '') => ({ stdout, stderr, exitCode: 0 })
  return {
    ...local,
    async run(script, options) {
      const { title = '' } = options ?? {}
      if (title === 'look what Kubernetes is there') return said(surveyText(own, wanted))
      if (title === 'ask for the members of etcd') return said(etcdText(cluster))
      if (title.startsWith('read what kubeadm')) return said(`${own.record ?? ''}\n${own.encryption ?? ''}\n`)
      if (title.startsWith('ask the API server')) return said('')
      const done = [
        'kubeadm init phase upload-config all',
        'kubeadm upgrade apply',
        'kubeadm upgrade node',
        'systemctl restart kubelet',
      ].find((words) => script.includes(words))
      // Files of kubeadm are in a folder of this very machine.
      if (!done) return local.run(script.replaceAll('/etc/kubernetes', `${cluster.folder}/${name}`), options)
      cluster.log.push(`${name}: ${done}`)
      play(cluster, { own, done, wanted })
      own.record = /echo '\\''(\S+ \w*)'\\''/.exec(script)?.[1] ?? own.record
      const [, mark] = /'([0-9a-f]{32}) whole'/.exec(script)!
      return said('', `\n${mark} whole\n`)
    },
  }
}

function play(
  cluster: FakeCluster,
  { own, done, wanted }: { own: FakeNode; done: string; wanted: string },
): void {
  if (done.startsWith('systemctl')) own.kubelet = wanted
  else if (own.apiServer && done.startsWith('kubeadm upgrade')) own.apiServer = wanted
  if (done.endsWith('apply')) cluster.version = wanted
}

function etcdText({ nodes }: FakeCluster): string {
  const members = nodes.filter(({ apiServer }) => apiServer)
  const list = members.map(({ name }, at) => ({ ID: at + 1, name, clientURLs: [`https://${name}:2379`] }))
  const status = members.flatMap(({ isHealthy }, at) =>
    isHealthy ? [{ Status: { header: { member_id: at + 1 }, leader: 1, version: '3.6.14', dbSize: 1 } }] : [],
  )
  return `quorum\nmembers ${JSON.stringify({ members: list })}\nrounds 1\nstatus 1 ${JSON.stringify(status)}\nend\n`
}

function fakeClient(cluster: FakeCluster): ApiClient {
  const find = (name: string) => cluster.nodes.find((node) => node.name === name)!
  const pods = (node: FakeNode) => node.pods.map((pod) => podObject(pod))
  const client = {
    server: 'https://fake',
    get: async ({ name }: { name: string }) => nodeObject(find(name)),
    async patch({ name }: { name: string }, body: Patch) {
      const node = find(name)
      node.isCordoned = Boolean(body.spec.unschedulable)
      for (const [key, value] of Object.entries(body.metadata.annotations)) {
        if (value === null) delete node.annotations[key]
        else node.annotations[key] = value
      }
      cluster.log.push(`${name}: ${node.isCordoned ? 'cordon' : 'uncordon'}`)
    },
    discovery: async () => ({ find: (_: string, kind: string) => ({ kind }) }),
    list: async ({ kind }: { kind: string }, { fieldSelector = '' } = {}) => ({
      items: kind === 'Pod' ? pods(find(fieldSelector.split('=')[1]!)) : [],
    }),
    async request(method: string, path: string) {
      if (path === '/api/v1/nodes') return { items: cluster.nodes.map(nodeObject) }
      if (path.endsWith('/kubeadm-config'))
        return { data: { ClusterConfiguration: `kubernetesVersion: v${cluster.version}\n` } }
      if (method === 'POST') return evict(cluster, /pods\/([^/]+)\/eviction/.exec(path)![1]!)
      return { items: [] }
    },
  }
  return client as unknown as ApiClient
}

interface Patch {
  metadata: { annotations: Record<string, string | null> }
  spec: { unschedulable: boolean | null }
}

function evict({ nodes, log }: FakeCluster, name: string): void {
  for (const node of nodes) node.pods = node.pods.filter((pod) => pod.name !== name)
  log.push(`evict ${name}`)
}

function nodeObject({ name, kubelet, isCordoned, annotations }: FakeNode): LiveNode {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, annotations: { ...annotations } },
    spec: { unschedulable: isCordoned },
    status: { nodeInfo: { kubeletVersion: `v${kubelet}` }, conditions: [{ type: 'Ready', status: 'True' }] },
  }
}

function podObject({ name, owner }: FakeNode['pods'][number]) {
  const ownerReferences = owner ? [{ kind: owner, name: 'web', controller: true }] : []
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', ownerReferences },
    spec: {},
  }
}
