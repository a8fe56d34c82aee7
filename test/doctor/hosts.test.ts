import { expect, test } from 'vitest'
import type { ClusterNode } from '../../tasks/lib/config/model.ts'
import { hostResults, latencyResult, sharedResults } from '../../tasks/lib/doctor/hosts-results.ts'
import type { Facts } from '../../tasks/lib/node/facts/facts.ts'

const node: ClusterNode = {
  ...{ name: 'kube1.example.com', roles: ['control-plane'], labels: {}, taints: [] },
  volumes: [{ name: 'data', vg: 'vg0', size: '1Gi', path: '/srv', filesystem: 'ext4' }],
}
const facts: Facts = {
  hostname: 'kube1',
  machineId: '3d1219c7c4c5404aaa1f6d2a48adfda4',
  os: { name: 'Debian GNU/Linux 12 (bookworm)' },
  kernel: '6.1.0-32-amd64',
  architecture: 'x86_64',
  cpus: 4,
  memoryBytes: 8 * 2 ** 30,
  swap: [],
  cgroup: 2,
  rebootRequired: false,
  clock: { aheadSeconds: 0.2, uncertainSeconds: 0.1, isSynchronized: true, service: 'chrony' },
  disks: [],
  volumeGroups: [],
  modules: { overlay: 'loaded', br_netfilter: 'available', nf_conntrack: 'loaded', dm_crypt: 'available' },
  addresses: ['192.168.1.11'],
  users: [],
}

test('a machine that is fit has one line', () => {
  expect(hostResults({ node, facts })).toEqual([
    {
      name: 'kube1',
      state: 'good',
      detail: 'Debian GNU/Linux 12 (bookworm), Linux 6.1.0-32-amd64, 4 CPUs, 8.0 GiB, clock agrees',
    },
  ])
})

test.each<[string, Partial<Facts>, 'warning' | 'missing', string]>([
  [
    'another hostname',
    { hostname: 'debian' },
    'warning',
    'calls itself debian, the configuration calls it kube1.example.com',
  ],
  ['one CPU', { cpus: 1 }, 'missing', '1 CPU, a control plane takes 2'],
  ['little memory', { memoryBytes: 2 ** 30 }, 'missing', '1.0 GiB, a control plane takes 1.7 GiB'],
  ['cgroup v1', { cgroup: 1 }, 'missing', 'has cgroup v1, not v2'],
  ['swap', { swap: ['/swapfile'] }, 'warning', 'swap is on: /swapfile'],
  [
    'a clock that is off',
    { clock: { aheadSeconds: -90, uncertainSeconds: 0.1 } },
    'missing',
    'clock 1m30s behind this one',
  ],
  [
    'a clock that nobody sets',
    { clock: { aheadSeconds: 0, uncertainSeconds: 0.1 } },
    'warning',
    'nothing keeps its clock right: certificates and etcd need that',
  ],
  [
    'a kernel without dm_crypt',
    { modules: { ...facts.modules, dm_crypt: 'missing' } },
    'missing',
    'its kernel has no dm_crypt',
  ],
  ['an update that waits', { rebootRequired: true }, 'warning', 'an update waits for a reboot'],
])('%s is told with what to type', (_, changed, state, detail) => {
  const results = hostResults({ node, facts: { ...facts, ...changed } })
  expect(results).toEqual([{ name: 'kube1', state, detail, hint: expect.any(String) }])
})

test('machines that were copied from one image are told by their names', () => {
  const other = { node: { ...node, name: 'kube2.example.com' }, facts: { ...facts, hostname: 'kube2' } }
  expect(sharedResults([{ node, facts }, other])).toMatchObject([
    { name: 'machine-id', state: 'missing', detail: `kube1, kube2 have the same: ${facts.machineId}` },
  ])
})

test('a disk that is slow for etcd is a warning', () => {
  const latency = { writes: 100 }
  expect(latencyResult('kube1', { ...latency, p99Milliseconds: 4 }).state).toBe('good')
  expect(latencyResult('kube1', { ...latency, p99Milliseconds: 24 })).toMatchObject({ state: 'warning' })
})
