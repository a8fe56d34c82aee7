import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  type EndpointScene,
  endpointWork,
  settledEndpointWork,
} from '../../tasks/lib/cluster/endpoint/endpoint-work.ts'
import type { Endpoint } from '../../tasks/lib/config/kubeadm-model.ts'
import type { ClusterNode } from '../../tasks/lib/config/model.ts'
import type { KubernetesState } from '../../tasks/lib/node/kubeadm/kubernetes-state.ts'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import { file } from '../../tasks/lib/node/system/file.ts'
import { applyResources } from '../support/apply-resources.ts'
import { temporaryFolder } from '../support/cli.ts'
import { testConfig } from '../support/config.ts'
import { localMachine } from '../support/local-machine.ts'
import { planFor } from '../support/machines.ts'

const bare: KubernetesState = {
  isMember: false,
  isControlPlane: false,
  versions: {},
  hasEtcdData: false,
  leftOvers: [],
  certificates: [],
  files: {},
  network: {},
  isKubeletActive: false,
  isRestored: false,
  interface: 'ens3',
}
const member = { ...bare, isMember: true, isControlPlane: true }

const nodes: ClusterNode[] = ['kube1', 'kube2', 'kube3', 'work1'].map((name, index) => ({
  name,
  address: `10.0.0.${index + 1}`,
  roles: [name.startsWith('kube') ? 'control-plane' : 'worker'],
  labels: {},
  taints: [],
  volumes: [],
}))

function scene(
  endpoint: Partial<Endpoint>,
  { states = {}, chosen = nodes }: { states?: Record<string, KubernetesState>; chosen?: ClusterNode[] } = {},
): EndpointScene {
  const whole: Endpoint = { host: '10.0.0.100', port: 6443, provider: 'kube-vip', routerId: 51, ...endpoint }
  const all = nodes.map(({ name }): [string, KubernetesState] => [name, states[name] ?? bare])
  return {
    config: testConfig('/project', { nodes, endpoint: whole }),
    machines: { of: ({ name }) => localMachine(name) },
    nodes: chosen,
    survey: { states: new Map(all), unreachable: new Map() },
  }
}

/** What the file resource of a machine writes, by the name of the machine, where nothing is there yet. */
function written(work: ReturnType<typeof endpointWork>): Record<string, string> {
  return Object.fromEntries(
    work.map(({ machine, resources: [first] }) => [
      machine.name,
      planFor(first!, 'bare\nabsent\n')[0]!.after!.join('\n'),
    ]),
  )
}

test('E03 only the first control plane of a new cluster has kube-vip log in as super-admin', () => {
  const files = written(endpointWork(scene({})))
  expect(Object.keys(files)).toEqual(['kube1', 'kube2', 'kube3'])
  expect(files.kube1).toContain('path: /etc/kubernetes/super-admin.conf')
  expect(files.kube2).toContain('path: /etc/kubernetes/admin.conf')
  expect(files.kube2).not.toContain('super-admin')
})

test('E03 once there is a cluster, no manifest of kube-vip mentions the super-admin', () => {
  const files = written(endpointWork(scene({}, { states: { kube2: member } })))
  expect(Object.values(files).join('\n')).not.toContain('super-admin')
  expect(settledEndpointWork(scene({}, { states: { kube2: member } }))).toEqual([])
})

test('E03 the first control plane loses the super-admin in the same run, or in the next where that was killed', () => {
  const [{ resources: [before] = [] } = {}] = endpointWork(scene({}))
  const [{ resources: [after] = [] } = {}] = settledEndpointWork(scene({}))
  const [create] = planFor(before!, 'bare\nabsent\n')
  const first = create!.input!() as string
  const [rewrite] = planFor(after!, 'bare\nabsent\n')
  expect(rewrite).toMatchObject({ action: 'update', title: 'update /etc/kubernetes/manifests/kube-vip.yaml' })
  const settled = rewrite!.input!() as string
  expect(settled).toBe(first.replace('super-admin.conf', 'admin.conf'))

  const present = (text: string) => `set-up\nfile 600 root:root 0:0\n${text}`
  expect(planFor(after!, present(first))).toHaveLength(1)
  for (const resource of [before!, after!]) expect(planFor(resource, present(settled))).toEqual([])
})

test('keepalived gets the interface of the default route, or the one that is given', () => {
  const withKeepalived = { provider: 'keepalived', port: 8443 } as const
  const [{ resources } = { resources: [] }] = endpointWork(scene(withKeepalived))
  const texts = (all: typeof resources) =>
    all.flatMap((one) => planFor(one, 'absent\n').flatMap(({ after = [] }) => after)).join('\n')
  expect(resources.map(({ target }) => target)).toEqual([
    'packages',
    'file /etc/haproxy/haproxy.cfg',
    'unit haproxy.service',
    'file /etc/keepalived/api-server-ready',
    'file /etc/keepalived/keepalived.conf',
    'unit keepalived.service',
  ])
  expect(texts(resources.filter(({ target }) => target.includes('conf')))).toContain('interface ens3')
  const [given] = endpointWork(scene({ ...withKeepalived, interface: 'bond0' }))
  expect(texts(given!.resources.filter(({ target }) => target.includes('conf')))).toContain('interface bond0')
})

test('a machine without a default route is named, with what to write into cluster.yaml', () => {
  const { interface: _none, ...lost } = bare
  const work = endpointWork(scene({ provider: 'keepalived', port: 8443 }, { states: { kube1: lost } }))
  expect(() => planFor(work[0]!.resources[0]!, '')).toThrow(/no default route/)
  expect(work[1]!.resources).toHaveLength(6)
})

test('a file that its program does not accept does not take the place of the one before', async () => {
  const folder = temporaryFolder({ 'a.conf': 'old\n' })
  const path = join(folder, 'a.conf')
  const owner = `${process.getuid!()}:${process.getgid!()}`
  const machine: Machine = localMachine('kube1')
  const steps = (content: string) => {
    const resource = file({ path, content, owner, check: (next) => `grep -q good ${next}` })
    return [{ name: 'one', title: 'One', work: [{ machine, resources: [resource] }] }]
  }
  await expect(applyResources(steps('bad\n'))).rejects.toThrow(/grep -q good/)
  writeFileSync(join(folder, 'seen'), '')
  await applyResources(steps('good\n'))
  expect(await machine.run(`cat ${path}`)).toMatchObject({ stdout: 'good\n' })
})
