import type { NodeStatus, Status, VolumeGroup } from '../../tasks/lib/status/model.ts'

/** A status with this many nodes, each with 40 volumes, and with one of everything that can be wrong. */
export function sampleStatus({ nodes = 3, simulated = true } = {}): Status {
  const names = Array.from({ length: nodes }, (_, index) => `kube${index + 1}`)
  return {
    target: simulated ? 'sandbox home (simulated nodes)' : 'cluster home at https://10.0.0.1:6443',
    simulated,
    takenAt: '2026-11-21T11:19:48.849Z',
    kubernetes: { running: '1.36.3', configured: '1.36.3' },
    problems: ['Deployment worker/web: 1 of 2 available; pod web-1: container app: CrashLoopBackOff'],
    nodes: names.map((name, index) => sampleNode(name, { index, simulated })),
    workloads: [
      workload('headlamp', { simulated }),
      workload('ingress-nginx-controller', { simulated }),
      {
        ...workload('web', { simulated }),
        ...{ namespace: 'worker', wanted: 2, state: 'failed' },
        reason: '1 of 2 available; pod web-1: container app: CrashLoopBackOff, ended with 1 (Error)',
      },
    ],
    loadBalancers: [{ namespace: 'worker', name: 'web', addresses: ['192.168.1.240'], simulated }],
    volumes: {
      simulated,
      groups: names.flatMap(groupsOf),
      ...{ released: ['kube1-pv-500mi-0003'], failed: [], orphans: [], boundClaims: nodes * 5 },
      pendingClaims: [
        {
          ...{ namespace: 'worker', name: 'database', storageClass: 'fast', size: '8Gi' },
          reason: 'not bound to a volume: there is no StorageClass fast',
        },
      ],
    },
    machines: [],
    controlPlane: null,
    addons: [
      addon('flannel', { running: '0.28.8', configured: '0.28.9' }),
      addon('headlamp', { running: '0.45.0', configured: '0.45.0' }),
      {
        ...addon('ingress-nginx', { running: '1.15.1', configured: '1.15.1' }),
        retired: { since: '2026-03', reason: 'no releases any more', successor: 'Gateway API' },
      },
    ],
    lastRun: {
      ...{ task: 'install', target: 'sandbox home', outcome: 'done', startedAt: '2026-11-21T11:08:45.700Z' },
      ...{ seconds: 11.007, changes: 192, changesDone: 192 },
      steps: [
        { name: 'plan', title: 'plan', seconds: 7.6, changed: 0, unchanged: 0 },
        { name: 'persistent', title: 'PersistentVolumes', seconds: 0.7, changed: 124, unchanged: 0 },
        { name: 'verify', title: 'verify', seconds: 0.2, changed: 0, unchanged: 193 },
      ],
    },
  }
}

function sampleNode(name: string, { index, simulated }: { index: number; simulated: boolean }): NodeStatus {
  const isBroken = index === 2
  return {
    name,
    state: isBroken ? 'not ready' : 'ready',
    ...(isBroken ? { reason: 'KubeletNotReady: container runtime network not ready' } : {}),
    ...{ cordoned: index === 1, simulated, version: '1.36.3', addresses: [`192.0.2.${index + 10}`] },
    roles: index < 3 ? ['control-plane', 'worker'] : ['worker'],
    labels: { 'kubernetes.io/hostname': name, disk: 'ssd' },
    pods: { used: 3 + index * 4, total: 110 },
    cpu: { used: 0.4 + index / 10, total: 4 },
    memory: { used: 2 ** 30 * (index + 1), total: 2 ** 35 },
  }
}

function groupsOf(node: string): VolumeGroup[] {
  const none = { released: 0, failed: 0 }
  const [mebi, gibi] = [2 ** 20, 2 ** 30]
  return [
    {
      ...none,
      node,
      kind: 'pool',
      name: 'pool-m',
      count: 10,
      available: 8,
      bound: 2,
      bytes: 80 * gibi,
      boundBytes: 16 * gibi,
    },
    {
      node,
      kind: 'pool',
      name: 'pool-s',
      count: 29,
      available: 24,
      bound: 3,
      released: 1,
      failed: 1,
      bytes: 14500 * mebi,
      boundBytes: 1500 * mebi,
    },
    {
      ...none,
      node,
      kind: 'named',
      name: 'share',
      count: 1,
      available: 1,
      bound: 0,
      bytes: 8 * gibi,
      boundBytes: 0,
    },
  ]
}

function workload(name: string, { simulated }: { simulated: boolean }): Status['workloads'][number] {
  return {
    namespace: name,
    kind: 'Deployment',
    name,
    ready: 1,
    wanted: 1,
    state: 'ready',
    simulated,
    reason: '',
  }
}

function addon(name: string, versions: { running: string; configured: string }): Status['addons'][number] {
  return { name, title: `Add-on ${name}`, state: 'installed', ...versions, retired: null }
}
