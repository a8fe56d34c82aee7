import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Change, Plan } from '../../tasks/lib/cli/change.ts'
import { planUpgrade } from '../../tasks/lib/cluster/upgrade/upgrade.ts'
import { upgradeCommands } from '../../tasks/lib/cluster/upgrade/upgrade-command.ts'
import { upgradeRefusal } from '../../tasks/lib/cluster/upgrade/version-policy.ts'
import { wantedVersion } from '../../tasks/lib/cluster/upgrade/wanted-version.ts'
import { testConfig } from '../support/config.ts'
import { type FakeCluster, fakeCluster } from '../support/upgraded-cluster.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metaltasks-'))
})
afterEach(() => rm(folder, { recursive: true }))

const progress = { say: () => {}, signal: new AbortController().signal }
const to = '1.36.4'

function upgrade(
  cluster: FakeCluster,
  { parallel = 1, force = false, settings = false } = {},
): Promise<Pick<Plan, 'steps' | 'findings'>> {
  return planUpgrade(cluster.scene(), { version: to, parallel, force, settings, drainSeconds: 5 })
}

function changesOf({ steps }: Pick<Plan, 'steps'>): Change[] {
  return steps.flatMap(({ waves }) => waves.flatMap(({ changes }) => changes))
}

const node = (name: string, command: string) => [
  `${name}: kubeadm upgrade ${command}`,
  `${name}: cordon`,
  ...(name === 'w1' ? ['evict web'] : []),
  `${name}: systemctl restart kubelet`,
  `${name}: uncordon`,
]
const whole = [
  ...node('cp1', 'apply'),
  ...node('cp2', 'node'),
  ...node('cp3', 'node'),
  ...node('w1', 'node'),
  ...node('w2', 'node'),
]

describe('cluster:upgrade', () => {
  test('D06 takes the first control plane, the other ones, then the workers, each emptied and let in again', async () => {
    const cluster = fakeCluster({ controlPlanes: 3, workers: 2, version: '1.36.3' }, { wanted: to, folder })
    const plan = await upgrade(cluster)
    expect(plan.steps.map(({ title }) => title)).toEqual([
      'Control plane cp1: 1.36.3 to 1.36.4',
      'Control plane cp2: 1.36.3 to 1.36.4',
      'Control plane cp3: 1.36.3 to 1.36.4',
      'Workers',
    ])
    for (const change of changesOf(plan)) await change.run(progress)
    expect(cluster.log).toEqual(whole)
    for (const change of changesOf(plan)) await change.verify(progress)
    expect(changesOf(await upgrade(cluster))).toEqual([])
  })

  test('D06 goes on where it was, whichever change a run before has died after', async () => {
    const cluster = fakeCluster({ controlPlanes: 3, workers: 2, version: '1.36.3' }, { wanted: to, folder })
    for (let runs = 0; runs < 40; runs++) {
      const [next] = changesOf(await upgrade(cluster))
      if (!next) break
      await next.run(progress)
    }
    expect(changesOf(await upgrade(cluster))).toEqual([])
    expect(cluster.version).toBe(to)
    for (const one of cluster.nodes)
      expect(one).toMatchObject({ kubelet: to, isCordoned: false, annotations: {} })
    expect(cluster.log).toEqual(whole)
  })

  test('D06 lets kubeadm come to its end on a node before its kubelet is exchanged', async () => {
    const cluster = fakeCluster({ controlPlanes: 1, workers: 1, version: '1.36.3' }, { wanted: to, folder })
    const [control, worker] = cluster.nodes
    // Killed in the middle of kubeadm: the static pods are new, what comes after them is not.
    Object.assign(control!, { apiServer: to })
    Object.assign(worker!, { record: '1.36.2' })
    for (const change of changesOf(await upgrade(cluster))) await change.run(progress)
    expect(cluster.log).toEqual([...node('cp1', 'apply'), ...node('w1', 'node')])
  })

  test('D06 touches no control plane while a member of etcd is not healthy', async () => {
    const cluster = fakeCluster({ controlPlanes: 3, workers: 0, version: '1.36.3' }, { wanted: to, folder })
    cluster.nodes[2]!.isHealthy = false
    const stop = new AbortController()
    const said: string[] = []
    const say = (text: string) => {
      said.push(text)
      stop.abort()
    }
    const [first] = changesOf(await upgrade(cluster))
    await expect(first!.run({ say, signal: stop.signal })).rejects.toThrow('abort')
    expect(said).toEqual(['waiting: member cp3 of etcd is not healthy'])
    expect(cluster.log).toEqual([])
  })

  test('D06 empties as many workers at the same time as asked, never a control plane beside another', async () => {
    const cluster = fakeCluster({ controlPlanes: 2, workers: 3, version: '1.36.3' }, { wanted: to, folder })
    const { steps } = await upgrade(cluster, { parallel: 2 })
    const waves = steps.flatMap((step) => step.waves)
    const lanes = waves.map(({ changes }) => [...new Set(changes.map(({ lane }) => lane))])
    expect(lanes).toEqual([['cp1'], ['cp2'], ['w1', 'w2', 'w3']])
    expect(waves.at(-1)!.parallel).toBe(2)
  })

  // The files of control planes are root's.
  test.skipIf(process.getuid?.() !== 0)(
    'brings settings to a cluster that is there, node by node, and goes on where a run before has ended',
    async () => {
      const cluster = fakeCluster({ controlPlanes: 2, workers: 1, version: to }, { wanted: to, folder })
      const wanted = () => upgrade(cluster, { settings: true })
      expect(changesOf(await upgrade(cluster))).toEqual([])
      const done: string[] = []
      for (let runs = 0; runs < 30; runs++) {
        const [next] = changesOf(await wanted())
        if (!next) break
        await next.run(progress)
        done.push(next.title)
      }
      expect(done).toEqual([
        ...['admission/config', 'audit/policy', 'enc/config'].map(
          (name) => `cp1: create /etc/kubernetes/${name}.yaml`,
        ),
        'cp1: let kubeadm take the cluster and this control plane to 1.36.4',
        ...['admission/config', 'audit/policy', 'enc/config'].map(
          (name) => `cp2: create /etc/kubernetes/${name}.yaml`,
        ),
        'cp2: let kubeadm take this control plane to 1.36.4',
        'w1: let kubeadm take the settings of this node to 1.36.4',
      ])
      expect(changesOf(await wanted())).toEqual([])
      cluster.kubelet = { podPidsLimit: 100 }
      const lines = changesOf(await wanted()).flatMap(({ commands = [] }) => commands)
      const isAbout = (words: string) => lines.filter((line) => line.includes(words)).length
      expect(isAbout('kubeadm init phase upload-config all')).toBe(1)
      expect(isAbout('podPidsLimit: 100')).toBe(1)
      expect(isAbout('systemctl restart kubelet.service')).toBe(3)
    },
  )

  test('brings no settings to an API server with keys in another file: it could read no Secret any more', async () => {
    const cluster = fakeCluster({ controlPlanes: 1, workers: 0, version: to }, { wanted: to, folder })
    cluster.nodes[0]!.encryption = '/etc/kubernetes/pki/keys.yaml'
    await expect(upgrade(cluster, { settings: true })).rejects.toThrow(
      'the API server of cp1 has the keys of Secrets in /etc/kubernetes/pki/keys.yaml',
    )
    expect(changesOf(await upgrade(cluster))).toEqual([])
  })

  test('leaves a node cordoned that somebody else has cordoned', async () => {
    const cluster = fakeCluster({ controlPlanes: 1, workers: 1, version: '1.36.3' }, { wanted: to, folder })
    cluster.nodes[1]!.isCordoned = true
    for (const change of changesOf(await upgrade(cluster))) await change.run(progress)
    expect(cluster.nodes[1]).toMatchObject({ isCordoned: true, kubelet: to })
  })

  test('is blocked by a pod that nobody makes again, unless told', async () => {
    const cluster = fakeCluster({ controlPlanes: 1, workers: 1, version: '1.36.3' }, { wanted: to, folder })
    cluster.nodes[1]!.pods = [{ name: 'alone' }]
    const blocked = (plan: Pick<Plan, 'steps'>) =>
      changesOf(plan).flatMap((change) => change.blocked?.message ?? [])
    expect(blocked(await upgrade(cluster))).toEqual([
      'on w1, default/alone belongs to no controller: nobody makes them again',
    ])
    expect(blocked(await upgrade(cluster, { force: true }))).toEqual([])
  })

  test('says that no backup is made before, and why', async () => {
    const cluster = fakeCluster({ controlPlanes: 1, workers: 0, version: '1.36.3' }, { wanted: to, folder })
    const { findings } = await upgrade(cluster)
    expect(findings.map(({ message }) => message)).toEqual([
      'no backup is made before: cp1: no backups are made: none are configured',
    ])
  })
})

describe('a version to go to', () => {
  const running = (apiServer: string, kubelet = apiServer) => [{ node: 'cp1', apiServer, kubelet }]

  test.each([
    ['1.36.3', '1.36.4', undefined],
    ['1.35.9', '1.36.0', undefined],
    ['1.36.4', '1.36.4', undefined],
    [
      '1.34.2',
      '1.36.0',
      'from 1.34.2 to 1.36.0 is more than one minor version: Kubernetes goes one at a time',
    ],
    ['1.36.4', '1.36.3', 'cp1 runs 1.36.4 already: Kubernetes does not go back to 1.36.3'],
  ])('D06 from %s to %s', (from, version, message) => {
    expect(upgradeRefusal(running(from), version)?.message).toBe(message)
  })

  test('D06 is judged by the oldest API server and the oldest kubelet', () => {
    const mixed = [...running('1.36.1'), { node: 'cp2', apiServer: '1.35.1', kubelet: '1.35.1' }]
    expect(upgradeRefusal(mixed, '1.37.0')?.message).toContain('from 1.35.1 to 1.37.0')
    expect(upgradeRefusal(mixed, '1.36.1')).toBeUndefined()
    const old = [...running('1.36.0'), { node: 'w1', kubelet: '1.33.0' }]
    expect(upgradeRefusal(old, '1.37.0')?.message).toContain('the kubelet of w1 is 1.33.0')
  })

  test('is the one that was typed, with a word about cluster.yaml', () => {
    expect(wantedVersion(undefined, { kubernetesVersion: to })).toEqual({ version: to, findings: [] })
    const { version, findings } = wantedVersion('v1.36.5', { kubernetesVersion: to })
    expect(version).toBe('1.36.5')
    expect(findings[0]!.message).toBe('cluster.yaml says Kubernetes 1.36.4, this is about 1.36.5')
    expect(() => wantedVersion('latest', { kubernetesVersion: to })).toThrow(
      'latest is no version of Kubernetes',
    )
  })

  test('kubeadm is told it without any force', () => {
    const [command] = upgradeCommands(testConfig('/nowhere'), {
      version: to,
      isFirst: true,
      settings: '',
      restarts: [],
    })
    expect(command).toMatch(/\| kubeadm upgrade apply --yes --config \/dev\/stdin$/)
    expect(command).toContain('kubernetesVersion: v1.36.4')
    expect(command).toContain('forceUpgrade: false')
    expect(command).not.toMatch(/experimental|forceUpgrade: true/)
    expect(
      upgradeCommands(testConfig('/nowhere'), { version: to, isFirst: false, settings: '', restarts: [] })[0],
    ).toMatch(/\| kubeadm upgrade node --config \/dev\/stdin$/)
  })
})
