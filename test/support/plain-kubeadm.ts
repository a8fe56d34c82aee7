import { stringify } from 'yaml'
import type { LabCluster } from './lab-cluster.ts'
import { nodeVersions } from './node-software.ts'

/** What was done, and how many seconds it took. */
export type Timed = { what: string; seconds: number }

/** Makes a cluster of prepared machines as the manual of kubeadm has it done by hand. */
export async function makeByHand(cluster: LabCluster, { network }: { network: string }): Promise<Timed[]> {
  const { controlPlanes, workers } = cluster.options
  const [first, worker] = [controlPlanes[0]!, workers[0]!].map(cluster.machine) as [Machine, Machine]
  const timed: Timed[] = []
  const time = async (what: string, work: () => Promise<unknown>) => {
    const from = performance.now()
    await work()
    timed.push({ what, seconds: (performance.now() - from) / 1000 })
  }
  await time('first control plane', () =>
    withConfig(first, { command: 'init', documents: initDocuments(first) }),
  )
  await time('pod network', () => cluster.kubectl('apply -f -', { input: network }))
  await time('worker', async () => {
    const words = await first.sh(
      'KUBECONFIG=/etc/kubernetes/admin.conf kubeadm token create --print-join-command',
    )
    await withConfig(worker, { command: 'join', documents: [joinDocument(worker, words)] })
  })
  await time('both nodes Ready', () =>
    cluster.kubectl(`wait --for=condition=Ready node/${first.name} node/${worker.name} --timeout=900s`),
  )
  await time('its pods run', () => untilPodsRun(cluster))
  return timed
}

/** Waits for what a cluster is of no use without. */
export async function untilPodsRun(cluster: LabCluster): Promise<void> {
  for (const workload of ['daemonset/kube-proxy', 'deployment/coredns'])
    await cluster.kubectl(`rollout status --timeout=900s -n kube-system ${workload}`)
  await cluster.kubectl('rollout status --timeout=900s -n kube-flannel daemonset/kube-flannel-ds')
}

type Machine = ReturnType<LabCluster['machine']>

/** As a person does it: the file first, then the command. */
function withConfig(
  machine: Machine,
  { command, documents }: { command: 'init' | 'join'; documents: object[] },
): Promise<string> {
  const input = documents.map((document) => stringify(document)).join('---\n')
  return machine.sh(
    `umask 077; cat >/root/kubeadm.yaml && kubeadm ${command} --config /root/kubeadm.yaml 2>&1`,
    {
      input,
    },
  )
}

const apiVersion = 'kubeadm.k8s.io/v1beta4'

/** Nothing but what a lab with one processor and a slow disk needs, and where flannel expects pods. */
function initDocuments({ name, address }: Machine): object[] {
  const alone = { extraArgs: [{ name: 'leader-elect', value: 'false' }] }
  return [
    {
      ...{ apiVersion, kind: 'InitConfiguration', timeouts },
      localAPIEndpoint: { advertiseAddress: address, bindPort: 6443 },
      nodeRegistration: nodeRegistration({ name, address }),
    },
    {
      ...{ apiVersion, kind: 'ClusterConfiguration' },
      kubernetesVersion: `v${nodeVersions.kubernetes}`,
      networking: { podSubnet: '10.244.0.0/16' },
      ...{ controllerManager: alone, scheduler: alone },
      etcd: { local: { imageTag: `${nodeVersions.etcd}-0` } },
    },
    {
      ...{ apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration' },
      ...{ mode: 'iptables', conntrack: { maxPerCore: 0, min: 0 } },
    },
  ]
}

/** By the words that kubeadm prints: kubeadm join HOST:PORT --token T --discovery-token-ca-cert-hash HASH. */
function joinDocument({ name, address }: Machine, words: string): object {
  const [, apiServerEndpoint, token, hash] = /join (\S+) --token (\S+) .*-hash (\S+)/.exec(words)!
  return {
    ...{ apiVersion, kind: 'JoinConfiguration', timeouts },
    discovery: { bootstrapToken: { apiServerEndpoint, token, caCertHashes: [hash] } },
    nodeRegistration: nodeRegistration({ name, address }),
  }
}

const timeouts = Object.fromEntries(
  [
    ...['controlPlaneComponentHealthCheck', 'kubeletHealthCheck', 'kubernetesAPICall'],
    ...['etcdAPICall', 'tlsBootstrap', 'discovery'],
  ].map((name) => [name, '12m0s']),
)

function nodeRegistration({ name, address }: Pick<Machine, 'name' | 'address'>): object {
  return {
    name,
    criSocket: 'unix:///run/containerd/containerd.sock',
    ignorePreflightErrors: ['NumCPU', 'SystemVerification'],
    kubeletExtraArgs: [{ name: 'node-ip', value: address }],
  }
}
