import { describe, expect, test } from 'vitest'
import { encryptionServers } from '../../tasks/lib/cluster/encryption/servers.ts'
import { controlPlaneFilesWork } from '../../tasks/lib/cluster/setup/control-plane-files.ts'
import { initWork } from '../../tasks/lib/cluster/setup/init-work.ts'
import { controlPlanesWork, workersWork } from '../../tasks/lib/cluster/setup/join-work.ts'
import { type SetupScene, setupScene } from '../../tasks/lib/cluster/setup/scene.ts'
import { approverWork, servingWork } from '../../tasks/lib/cluster/setup/serving-work.ts'
import { digestOf, encryptionContent, sharedTexts } from '../../tasks/lib/cluster/setup/shared-texts.ts'
import { expectOwnNetwork } from '../../tasks/lib/cluster/upgrade/settings.ts'
import type { Cluster, ClusterNode } from '../../tasks/lib/config/model.ts'
import type { KubernetesState } from '../../tasks/lib/node/kubeadm/kubernetes-state.ts'
import { encryptionFile } from '../../tasks/lib/node/kubeadm/paths.ts'
import type { NodeStep } from '../../tasks/lib/node/plan/plan-nodes.ts'
import type { Action } from '../../tasks/lib/node/resource.ts'
import { testConfig } from '../support/config.ts'
import { localMachine } from '../support/local-machine.ts'
import { surveyOf } from '../support/surveys.ts'

function node(name: string, last: number, roles: ClusterNode['roles']): ClusterNode {
  return { name, address: `10.0.0.${last}`, roles, labels: {}, taints: [], volumes: [] }
}

const planes = [11, 12, 13].map((last, index) => node(`cp${index + 1}`, last, ['control-plane']))
const w1 = node('w1', 21, ['worker'])
const cluster: Partial<Cluster> = {
  nodes: [...planes, w1],
  endpoint: { host: '10.0.0.10', port: 8443, provider: 'keepalived', routerId: 51 },
}
const kept = [{ name: 'key-20261121201500', secret: Buffer.alloc(32, 'k').toString('base64') }]
const member = { isMember: true, caHash: 'sha256:ours' }
const plane: Partial<KubernetesState> = {
  ...member,
  isControlPlane: true,
  hasEtcdData: true,
  files: {
    ...Object.fromEntries(
      sharedTexts(testConfig('/project')).map(({ path, content }) => [path, digestOf(content)]),
    ),
    [encryptionFile]: digestOf(encryptionContent(kept)),
  },
}

type States = Record<string, Partial<KubernetesState> | undefined>

function scene(states: States, more: Partial<Cluster> = {}): SetupScene {
  const config = testConfig('/project', { ...cluster, ...more })
  const machines = { of: ({ name }: { name: string }) => localMachine(name) }
  return setupScene({ config, machines, nodes: config.cluster.nodes, survey: surveyOf(states) })
}

/** What would be done, by machine, where each machine answers that nothing is there. */
function actions(work: NodeStep['work'], answer = 'record \n'): Record<string, Action[]> {
  return Object.fromEntries(
    work.map(({ machine, resources }) => [
      machine.label,
      resources.flatMap(({ plan }) => plan({ stdout: answer, stderr: '', exitCode: 0 }).actions),
    ]),
  )
}

function blocked(work: NodeStep['work']): string[] {
  return Object.values(actions(work)).flatMap((all) => all.flatMap((one) => one.blocked?.message ?? []))
}

const bare = { cp1: {}, cp2: {}, cp3: {}, w1: {} }

test('bare machines become a cluster on the first control plane, and all others join it', () => {
  const all = scene(bare)
  expect(Object.keys(actions(initWork(all)))).toEqual(['cp1'])
  expect(actions(controlPlanesWork(all))).toMatchObject({
    cp2: [{ title: 'join the cluster as a control plane' }],
    cp3: [{ title: 'join the cluster as a control plane' }],
  })
  expect(actions(workersWork(all))).toMatchObject({ w1: [{ title: 'join the cluster as a worker' }] })
})

test('a cluster that is there gets no init, whichever of its control planes answers', () => {
  expect(initWork(scene({ ...bare, cp3: plane }))).toEqual([])
  expect(initWork(scene({ cp1: undefined, cp2: plane, cp3: undefined, w1: member }))).toEqual([])
})

test.each<[string, States, RegExp]>([
  [
    'etcd data on a control plane',
    { ...bare, cp2: { hasEtcdData: true } },
    /cp2: \/var\/lib\/etcd holds data/,
  ],
  [
    'left-overs on the first',
    { ...bare, cp1: { leftOvers: ['/etc/kubernetes/pki/ca.crt'] } },
    /cp1: there is \/etc\/kubernetes\/pki\/ca.crt/,
  ],
  ['a worker of a cluster', { ...bare, w1: member }, /w1: its kubelet belongs to a cluster/],
  ['a worker that was joining', { ...bare, w1: { begun: 'join' } }, /w1: it was joining a cluster/],
  ['a control plane that cannot be asked', { ...bare, cp2: undefined }, /cannot be asked: cp2/],
])('D03 with %s no cluster is made and nothing joins', (_what, states, message) => {
  const all = scene(states)
  expect(blocked(initWork(all))).toEqual([expect.stringMatching(message)])
  expect([...controlPlanesWork(all), ...workersWork(all), ...servingWork(all)]).toEqual([])
  const commands = Object.values(actions(initWork(all))).flatMap((one) =>
    one.flatMap((action) => action.commands),
  )
  expect(commands).toEqual([])
})

test('a cluster that was begun here is finished, wherever it was begun', () => {
  const all = scene({ ...bare, cp2: { begun: 'init', hasEtcdData: true } })
  const titles = actions(initWork(all), 'record init certified\n').cp2!.map(({ title }) => title)
  expect(titles[0]).toBe('go on with the cluster that was begun here')
  expect(titles).not.toContain('make certificates and keys')
  expect(Object.keys(actions(controlPlanesWork(all)))).toEqual(['cp1', 'cp3'])
})

test('a cluster that was begun beside one that runs is nobody knows what: nothing is made', () => {
  const all = scene({ ...bare, cp1: { begun: 'init' }, cp2: plane })
  expect(blocked(initWork(all))).toEqual([
    expect.stringContaining('a cluster was begun on cp1 while cp2 runs one'),
  ])
})

test('etcd that runs on hosts of its own before the cluster is no evidence of another one', () => {
  const e1 = node('e1', 31, ['etcd'])
  const all = scene({ ...bare, e1: { hasEtcdData: true } }, { nodes: [...planes, w1, e1] })
  expect(blocked(initWork(all))).toEqual([])
  expect(actions(initWork(all)).cp1![0]!.commands.join('\n')).toContain('get /registry --prefix --keys-only')
  expect(Object.keys(actions(workersWork(all)))).toEqual(['w1'])
})

test('several control planes without an endpoint are refused, one of them is told of', () => {
  expect(blocked(initWork(scene(bare, { endpoint: undefined })))).toEqual([
    'several control planes need one address for all of them',
  ])
  const alone = scene({ cp1: {}, w1: {} }, { nodes: [planes[0]!, w1], endpoint: undefined })
  const [, remark] = initWork(alone)[0]!.resources
  expect(remark!.plan({ stdout: '', stderr: '', exitCode: 0 }).findings).toMatchObject([{ severity: 'note' }])
})

test('D05 a control plane does not join where the others have other files', () => {
  const other = { ...plane, files: { ...plane.files, '/etc/kubernetes/audit/policy.yaml': 'another' } }
  expect(blocked(controlPlanesWork(scene({ ...bare, cp1: other, w1: member })))).toEqual([
    expect.stringContaining('/etc/kubernetes/audit/policy.yaml on cp1 is another one'),
    expect.stringContaining('/etc/kubernetes/audit/policy.yaml on cp1 is another one'),
  ])
  expect(blocked(controlPlanesWork(scene({ ...bare, cp1: plane, w1: member })))).toEqual([])
})

test('a machine of another cluster, or with what one has left, does not join', () => {
  expect(
    blocked(workersWork(scene({ ...bare, cp1: plane, w1: { ...member, caHash: 'sha256:theirs' } }))),
  ).toEqual(['its kubelet belongs to another cluster'])
  expect(
    blocked(workersWork(scene({ ...bare, cp1: plane, w1: { leftOvers: ['/etc/kubernetes/kubelet.conf'] } }))),
  ).toEqual([expect.stringContaining('an earlier cluster has left /etc/kubernetes/kubelet.conf')])
  const theirs = { begun: 'join', caHash: 'sha256:theirs' } as const
  expect(blocked(workersWork(scene({ ...bare, cp1: plane, w1: theirs })))).toEqual([
    'its kubelet belongs to another cluster',
  ])
  expect(blocked(controlPlanesWork(scene({ ...bare, cp1: plane, cp2: { hasEtcdData: true } })))).toEqual([
    expect.stringContaining('/var/lib/etcd holds data'),
  ])
})

describe('a machine whose kubelet would be newer than an API server', () => {
  const at = (apiServer: string) => ({ ...plane, versions: { apiServer } })
  const growing = { ...bare, cp1: at('1.36.3'), cp2: at('1.35.6') }
  const none = { software: { source: 'none' as const, versions: {} } }

  test('does not join, be it a worker or a control plane, new or half joined', () => {
    const refused = 'newer than the API server of cp2, 1.35.6'
    const all = scene(growing)
    expect(blocked([...controlPlanesWork(all), ...workersWork(all)])).toEqual([
      `the kubelet of cp3 would be 1.36.3, ${refused}`,
      `the kubelet of w1 would be 1.36.3, ${refused}`,
    ])
    expect(blocked(workersWork(scene({ ...growing, w1: { begun: 'join' } })))).toHaveLength(1)
    const [action] = actions(workersWork(all)).w1!
    expect(action!.blocked!.hint).toBe(
      'upgrade the cluster first: tasks cluster:upgrade 1.36.3; or join with its version: kubernetes: { version: 1.35.6 } in cluster.yaml',
    )
  })

  test('joins when it is of the same minor version, or older; a member stays', () => {
    expect(blocked(workersWork(scene({ ...bare, cp1: at('1.36.0') })))).toEqual([])
    expect(blocked(workersWork(scene(growing, { kubernetesVersion: '1.34.1' })))).toEqual([])
    expect(blocked(workersWork(scene({ ...growing, w1: member })))).toEqual([])
  })

  test('is judged by the kubelet that is there where install brings none', () => {
    const there = (kubelet: string) => scene({ ...growing, w1: { versions: { kubelet } } }, none)
    expect(blocked(workersWork(there('1.35.6')))).toEqual([])
    expect(actions(workersWork(there('1.36.0'))).w1![0]!.blocked).toMatchObject({
      message: 'the kubelet of w1 would be 1.36.0, newer than the API server of cp2, 1.35.6',
      hint: expect.stringContaining('install kubelet and kubeadm 1.35.6 there'),
    })
  })
})

const keys = {
  shown: 'secrets/cluster/encryption.yaml',
  keep: async () => {},
  refusal: async () => undefined,
}
const keptKeys = { ...keys, kept: async () => kept, keptOrMade: async () => kept }
const noKeys = { ...keys, kept: async () => undefined, keptOrMade: async () => kept }

test('F01 keys are in no plan, and the files of the API server are for root alone', async () => {
  const work = await controlPlaneFilesWork(scene(bare), { keys: keptKeys })
  const all = actions(work, 'absent\n')
  expect(all.cp1!.map(({ title }) => title)).toEqual([
    'create /etc/kubernetes/admission/config.yaml',
    'create /etc/kubernetes/audit/policy.yaml',
    'create /etc/kubernetes/enc/config.yaml',
  ])
  for (const action of Object.values(all).flat()) {
    expect(JSON.stringify(action)).not.toContain(kept[0]!.secret)
    expect(action.commands.join('\n')).toMatch(/chmod -- 0600/)
  }
})

test('D05 every control plane gets the same key, also where it is made by this very run', async () => {
  const work = await controlPlaneFilesWork(scene(bare), { keys: noKeys })
  const written = await Promise.all(
    Object.values(actions(work, 'absent\n')).map((all) =>
      all.find(({ title }) => title.includes('/enc/'))!.input!(),
    ),
  )
  expect(new Set(written)).toEqual(new Set([encryptionContent(kept)]))
  const [made] = actions(work, 'absent\n').cp1!.slice(-1)
  expect(made!.commands.join('\n')).toContain(`-eq ${Buffer.byteLength(encryptionContent(kept))}`)
})

test('a key that is on a machine already is never written over', async () => {
  const work = await controlPlaneFilesWork(scene(bare), { keys: keptKeys })
  const answer = { stdout: `file 600 root:root 0:0\n${'0'.repeat(64)}  -\n`, stderr: '', exitCode: 0 }
  const [action] = work[0]!.resources.at(-1)!.plan(answer).actions
  expect(action).toMatchObject({
    commands: [],
    blocked: { message: expect.stringContaining('nothing is written over it') },
  })
})

test('other keys on a running control plane are a matter of tasks encryption:rotate', async () => {
  const other = { ...plane, files: { ...plane.files, [encryptionFile]: 'other' } }
  const work = await controlPlaneFilesWork(scene({ ...bare, cp1: other, w1: member }), { keys: keptKeys })
  expect(actions(work, 'absent\n').cp1).toMatchObject([
    { commands: [], blocked: { hint: 'tasks encryption:rotate' } },
  ])
  const same = await controlPlaneFilesWork(scene({ ...bare, cp1: plane, w1: member }), { keys: keptKeys })
  expect(actions(same, 'absent\n').cp1).toEqual([])
})

test('a control plane that runs with other files is left alone, and what gives it ours is named', async () => {
  const other = { ...plane, files: { ...plane.files, '/etc/kubernetes/audit/policy.yaml': 'another' } }
  const work = await controlPlaneFilesWork(scene({ ...bare, cp1: other, w1: member }), { keys: keptKeys })
  const [remark] = work[0]!.resources
  expect(remark!.plan({ stdout: '', stderr: '', exitCode: 0 })).toEqual({
    actions: [],
    findings: [
      {
        severity: 'note',
        message: expect.stringContaining('/etc/kubernetes/audit/policy.yaml is another one'),
        hint: 'to have it on all control planes: tasks cluster:upgrade --settings',
      },
    ],
  })
})

test('the keys of a cluster that was made by hand are taken over, those of another kind told of', async () => {
  const work = await controlPlaneFilesWork(scene({ cp1: plane, cp2: plane, cp3: plane, w1: member }), {
    keys: noKeys,
  })
  expect(actions(work, 'secretbox\n')).toMatchObject({ cp1: [{ action: 'adopt' }], cp2: [], cp3: [] })
  expect(actions(work, 'aescbc\nidentity\n').cp1).toEqual([])
})

describe('a cluster that plain kubeadm has made', () => {
  const plain: Partial<KubernetesState> = {
    ...{ ...plane, files: {} },
    network: { podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/12', dnsDomain: 'cluster.local' },
  }
  const alone = { nodes: [planes[0]!, w1], endpoint: undefined }
  const first = (state: Partial<KubernetesState>, more: Partial<Cluster> = {}) =>
    controlPlaneFilesWork(scene({ cp1: state, w1: member }, { ...alone, ...more }), { keys: noKeys })
  const said = (work: NodeStep['work']) =>
    work[0]!.resources.flatMap(
      ({ plan }) => plan({ stdout: '', stderr: '', exitCode: 0 }).findings?.map(({ hint }) => hint) ?? [],
    )

  test('is left as it is, and told what gives it our files and keys, in that order', async () => {
    const work = await first(plain)
    expect(actions(work).cp1).toEqual([])
    expect(said(work)).toEqual([
      'to have it on all control planes: tasks cluster:upgrade --settings',
      'to have it on all control planes: tasks cluster:upgrade --settings',
      'tasks cluster:upgrade --settings, then tasks encryption:rotate',
    ])
  })

  test('keeps its super-administrator until somebody takes it away', async () => {
    const certificates = [{ file: '/etc/kubernetes/super-admin.conf', expires: new Date() }]
    expect(said(await first({ ...plain, certificates }))).toContainEqual(
      expect.stringMatching(/^rm \/etc\/kubernetes\/super-admin.conf/),
    )
  })

  test.each<[string, string, number]>([
    ['10.0.0.10', '10.0.0.11', 1],
    ['10.0.0.10', '10.0.0.10', 0],
    ['API.home.example', 'api.home.example', 0],
    ['fd00::10', 'FD00:0:0:0:0:0:0:10', 0],
  ])('is told that %s is not where its API server is, made for %s: %i', async (host, name, notes) => {
    const certificates = [{ file: '/etc/kubernetes/pki/apiserver.crt', expires: new Date(), names: [name] }]
    const endpoint = { host, port: 8443, provider: 'external' as const, routerId: 51 }
    const hints = said(await first({ ...plain, certificates }, { endpoint }))
    expect(hints.filter((hint) => hint?.startsWith('leave endpoint out'))).toHaveLength(notes)
  })

  test.each([
    ['podSubnet', '10.32.0.0/12'],
    ['serviceSubnet', '10.100.0.0/16'],
    ['dnsDomain', 'kube.example'],
  ])('is refused as a whole where it was made with another %s', async (field, value) => {
    const work = await first({ ...plain, network: { ...plain.network, [field]: value } })
    expect(actions(work).cp1).toMatchObject([
      { commands: [], blocked: { hint: `in cluster.yaml: network: { ${field}: ${value} }` } },
    ])
  })

  test('is refused as a whole where pods have another network, until cluster.yaml leaves it to that', async () => {
    const calico = {
      ...plain,
      cniFiles: ['/etc/cni/net.d/10-calico.conflist', '/etc/cni/net.d/calico-kubeconfig'],
    }
    expect(blocked(await first(calico))).toEqual([expect.stringContaining('flannel would be a second one')])
    const network = { ...testConfig('/project').cluster.network, provider: 'none' }
    expect(blocked(await first(calico, { network }))).toEqual([])
    const cniFiles = ['/etc/cni/net.d/10-flannel.conflist', '/etc/cni/net.d/87-podman-bridge.conflist']
    expect(blocked(await first({ ...plain, cniFiles }))).toEqual([])
  })

  test('is refused where it knows a machine by another name', () => {
    const named = (nodeName: string) => scene({ cp1: plain, w1: { ...member, nodeName } }, alone)
    expect(blocked(workersWork(named('w1')))).toEqual([])
    expect(blocked(workersWork(named('w1.home.example')))).toEqual([
      'its cluster knows it as node w1.home.example, and cluster.yaml as w1',
    ])
  })

  test('gets neither settings nor keys before it can take them', () => {
    const at = scene({ cp1: { ...plain, network: { podSubnet: '10.32.0.0/12' } } }, alone)
    const controlPlanes = [planes[0]!]
    expect(() => expectOwnNetwork({ ...at, controlPlanes })).toThrow('made with podSubnet: 10.32.0.0/12')
    expect(() => encryptionServers({ ...at, machine: at.machines.of })).toThrow('can be given no key')
  })

  test('keeps addresses that only the settings for kubeadm say', async () => {
    const kubeadm = { networking: { podSubnet: '10.32.0.0/12,fd00::/56' } }
    const settings = { ...testConfig('/project').cluster.kubeadm, clusterConfiguration: kubeadm }
    const network = { ...plain.network, podSubnet: '10.32.0.0/12,fd00::/56' }
    expect(actions(await first({ ...plain, network }, { kubeadm: settings })).cp1).toEqual([])
  })
})

test('control planes that run are left alone by a run about another node, which they learn of as it joins', () => {
  const all = { ...scene({ cp1: plane, cp2: plane, cp3: plane, w1: {} }), nodes: [w1] }
  expect(approverWork(all)).toEqual([])
  expect(servingWork(all).map(({ machine }) => machine.label)).toEqual(['w1'])
  expect(approverWork({ ...all, nodes: planes }).map(({ machine }) => machine.label)).toEqual([
    'cp1',
    'cp2',
    'cp3',
  ])
})
