import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import type { Change, Step } from '../../tasks/lib/cli/change.ts'
import type { ClusterScene } from '../../tasks/lib/cluster/cluster.ts'
import { refuseLast } from '../../tasks/lib/cluster/life/last-control-plane.ts'
import { planFarewell } from '../../tasks/lib/cluster/life/rebuilding.ts'
import { planRemoval } from '../../tasks/lib/cluster/life/removal.ts'
import { encryptionKeys } from '../../tasks/lib/cluster/material.ts'
import { digestOf, sharedTexts } from '../../tasks/lib/cluster/setup/shared-texts.ts'
import type { ClusterNode, Role } from '../../tasks/lib/config/model.ts'
import { healthOf } from '../../tasks/lib/node/etcd-members/member.ts'
import { readEtcd } from '../../tasks/lib/node/etcd-members/read-view.ts'
import type { KubernetesState } from '../../tasks/lib/node/kubeadm/kubernetes-state.ts'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import type { SecretProject } from '../../tasks/lib/secrets/project.ts'
import { testConfig } from '../support/config.ts'
import { type EtcdCluster, startEtcdCluster } from '../support/etcd-cluster.ts'
import { keyedProject } from '../volumes/project.ts'

const signal = new AbortController().signal
const options = { resets: true, force: false, drainSeconds: 10 }

function node(name: string, roles: Role[] = ['control-plane']): ClusterNode {
  const address = `10.0.0.${10 + Number(name.slice(-1))}`
  return { name, address, roles, labels: {}, taints: [], volumes: [] }
}

function state(isControlPlane: boolean, server = 'https://10.0.0.10:8443'): KubernetesState {
  return {
    ...{ isMember: true, isControlPlane, server, versions: {}, hasEtcdData: isControlPlane, leftOvers: [] },
    ...{ network: {}, certificates: [], files: {}, isKubeletActive: true, isRestored: false },
  }
}

interface SceneOptions {
  /** Machines that do not answer. */
  silent?: string[]
  /** Machines that were installed anew. */
  fresh?: string[]
  server?: string
  /** With the keys of the cluster. */
  project?: SecretProject
  /** Files of the control planes are others than the configuration gives. */
  isOld?: boolean
  machineOf?(name: string): Machine
}

/** A cluster of three control planes and a worker, with an API that knows their Nodes and no pods. */
function sceneOf({ silent = [], fresh = [], server, project, isOld, machineOf }: SceneOptions = {}) {
  const nodes = [node('cp1'), node('cp2'), node('cp3'), node('kube4', ['worker'])]
  const config = testConfig('/', { nodes })
  const texts = isOld ? [] : sharedTexts(config)
  const files = Object.fromEntries(texts.map(({ path, content }) => [path, digestOf(content)]))
  const api = new Map(nodes.map(({ name }) => [name, liveNode(name, silent.includes(name))]))
  const states = new Map(
    nodes
      .filter(({ name }) => !silent.includes(name))
      .map(({ name, roles }) => {
        const known = { ...state(roles.includes('control-plane'), server), files }
        return [name, fresh.includes(name) ? { ...known, isMember: false, isControlPlane: false } : known]
      }),
  )
  const unreachable = new Map(
    silent.map((name) => [name, { severity: 'error' as const, message: `${name} is off` }]),
  )
  const client = {
    server: 'https://10.0.0.10:8443',
    discovery: async () => ({ find: (_: string, kind: string) => ({ kind }) }),
    list: async () => ({ items: [] }),
    get: async ({ name }: { name: string }) => api.get(name),
    patch: async ({ name }: { name: string }) => {
      api.get(name)!.spec.unschedulable = true
    },
    remove: async ({ name }: { name: string }) => api.delete(name),
  }
  const scene = {
    config,
    project,
    now: () => new Date(),
    machines: { of: ({ name }: { name: string }) => machineOf?.(name) },
    survey: { states, unreachable },
    members: nodes,
    controlPlanes: nodes.filter(({ name }) => states.get(name)?.isControlPlane),
    isSimulated: false,
    signal,
    machine: ({ name }: { name: string }) => machineOf!(name),
    client: async () => client,
  } as unknown as ClusterScene
  return { scene, api }
}

function liveNode(name: string, isSilent: boolean) {
  const conditions = [{ type: 'Ready', status: isSilent ? 'Unknown' : 'True' }]
  const spec: { unschedulable?: boolean } = {}
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: `uid-${name}` },
    spec,
    status: { conditions },
  }
}

function changesOf(steps: Step[]): Change[] {
  return steps.flatMap(({ waves }) => waves.flatMap(({ changes }) => changes))
}

describe('a cluster keeps what it cannot do without:', () => {
  const cp1 = node('cp1')

  test('its only control plane that answers', () => {
    const { scene } = sceneOf({ silent: ['cp2', 'cp3'] })
    expect(() => refuseLast(scene, cp1)).toThrow('without cp1, no control plane of cluster test is left')
  })

  test('the machine at whose address all nodes look for the API', () => {
    const { scene } = sceneOf({ server: 'https://10.0.0.11:6443' })
    expect(() => refuseLast(scene, cp1)).toThrow('all nodes reach the API at the address of cp1 alone')
    expect(() => refuseLast(scene, node('cp2'))).not.toThrow()
  })
})

// Each with an etcd of its own, side by side: most of their time goes by in waiting.
describe.concurrent('node:remove with a real etcd', () => {
  const beds: EtcdCluster[] = []
  const folder = mkdtempSync(join(tmpdir(), 'metaltasks-leaving-'))
  afterAll(async () => {
    await Promise.all(beds.map((etcd) => etcd.close()))
    rmSync(folder, { recursive: true })
  })

  async function openBed() {
    const etcd = await startEtcdCluster(['cp1', 'cp2', 'cp3'])
    beds.push(etcd)
    const view = () => readEtcd(etcd.access, { times: 1 })
    const isUp = async () => (await view()).members.every((member) => healthOf(member) === 'healthy')
    while (!(await isUp().catch(() => false))) await sleep(100)
    /** Scripts that each machine ran, by its name. */
    const ran = new Map<string, string[]>()
    const bed = { etcd, view, ran, isStopped: false, machineOf }
    function machineOf(name: string): Machine {
      const run: Machine['run'] = async (script, given) => {
        ran.set(name, [...(ran.get(name) ?? []), script])
        if (name === 'cp3') return machineOfNode(script)
        return etcd.machine.run(overHttp(script, etcd), given)
      }
      return { name, label: name, run }
    }
    // The kubelet of cp3, and what stops it; its reset has tests of its own.
    function machineOfNode(script: string) {
      if (script.includes('disable kubelet')) bed.isStopped = true
      return etcd.machine.run(stubbed(script, bed.isStopped), { allowFailure: true })
    }
    return bed
  }

  test('goes from the pods to the API, each step planned by what is still there, and nothing runs elsewhere', async ({
    expect,
  }) => {
    const { view, ran, machineOf } = await openBed()
    const { scene, api } = sceneOf({ machineOf })
    const plan = () => planRemoval(scene, { named: 'cp3', ...options, resets: false })
    const first = await plan()
    expect(first.steps.map(({ name }) => name)).toEqual(['drain', 'etcd', 'machine', 'forget'])
    const done: string[] = []
    // Each run dies after its first change: the next one plans what is left.
    for (let run = 0; run < 10; run++) {
      const [change] = changesOf((await plan()).steps)
      if (!change) break
      expect(change.blocked).toBeUndefined()
      await change.run({ say: () => {}, signal })
      done.push(change.title)
    }
    expect(done).toEqual([
      'cordon Node cp3',
      'cp1: take cp3 out of etcd',
      'cp3: stop the kubelet and all pods, for good',
      'delete Node cp3',
    ])
    expect((await view()).members.map(({ name }) => name).sort()).toEqual(['cp1', 'cp2'])
    expect([...api.keys()]).toEqual(['cp1', 'cp2', 'kube4'])
    expect([...ran.keys()].sort()).toEqual(['cp1', 'cp3'])
  }, 120_000)

  test('H02 a machine that was installed anew: what etcd and the API remember of the old one goes first', async ({
    expect,
  }) => {
    const bed = await openBed()
    const { etcd, view, machineOf } = bed
    await etcd.member('cp3').kill()
    const project = await keyedProject(undefined, folder)
    await encryptionKeys(project).keptOrMade()
    const { scene, api } = sceneOf({ machineOf, project, fresh: ['cp3'] })
    bed.isStopped = true
    const { steps, findings } = await planFarewell(scene, {
      ...{ named: 'cp3', newVolumes: [], force: false, drainSeconds: 10 },
    })
    expect(steps.map(({ name }) => name)).toEqual(['etcd', 'forget'])
    // The node joins again: that it is gone does not hold at the end.
    expect(steps.every(({ transient }) => transient)).toBe(true)
    expect(findings.map(({ message }) => message).join('\n')).toContain('cp3 does not report')
    for (const change of changesOf(steps)) await change.run({ say: () => {}, signal })
    expect((await view()).members.map(({ name }) => name).sort()).toEqual(['cp1', 'cp2'])
    expect(api.has('cp3')).toBe(false)
  }, 120_000)

  test('G04 with another member down it is refused before anything is done, with the sum', async ({
    expect,
  }) => {
    const { etcd, machineOf } = await openBed()
    await etcd.member('cp2').kill()
    const { scene } = sceneOf({ machineOf, silent: ['cp2'] })
    const { steps } = await planRemoval(scene, { named: 'cp3', ...options })
    const blocked = changesOf(steps).flatMap((change) => change.blocked ?? [])
    expect(blocked.map(({ message }) => message).join('\n')).toContain(
      'cannot take cp3 out of etcd: etcd has 3 voting members, 2 of them healthy',
    )
    const gone = await planRemoval(scene, { named: 'cp2', ...options })
    expect(gone.steps.map(({ name }) => name)).toEqual(['etcd', 'forget'])
    expect(changesOf(gone.steps).flatMap((change) => change.blocked ?? [])).toEqual([])
    expect(gone.findings.map(({ message }) => message)).toContain(
      'cp2 does not answer: nothing is done on its machine, it is not reset',
    )
  }, 120_000)
})

describe('node:rebuild', () => {
  const rebuild = { newVolumes: [], force: false, drainSeconds: 10 }

  test('is refused for a machine that does not answer, and for the only control plane', async () => {
    const { scene } = sceneOf({ silent: ['cp2', 'cp3'] })
    await expect(planFarewell(scene, { named: 'cp2', ...rebuild })).rejects.toThrow('cp2 does not answer')
    await expect(planFarewell(scene, { named: 'cp1', ...rebuild })).rejects.toThrow('without cp1')
  })

  test('is refused before anything is taken away where the node could not join again', async () => {
    const project = await keyedProject()
    const named = { named: 'cp3', ...rebuild }
    await expect(planFarewell(sceneOf({ project }).scene, named)).rejects.toThrow(
      'the keys of this cluster are not in secrets/cluster/encryption.yaml yet',
    )
    await encryptionKeys(project).keptOrMade()
    await expect(planFarewell(sceneOf({ project, isOld: true }).scene, named)).rejects.toThrow(
      'is another one than the configuration gives',
    )
  })
})

/** The script of a control plane, for an etcd without TLS at another address. */
function overHttp(script: string, { access }: EtcdCluster): string {
  return script.replace(/ --(cacert|cert|key)=\S+/g, '').replaceAll('https://127.0.0.1:2379', access.endpoint)
}

/** No systemd of this host is asked. */
function stubbed(script: string, isStopped: boolean): string {
  const answer = isStopped ? 'return 1' : 'return 0'
  return `systemctl() { case "$1" in is-active|is-enabled) ${answer};; cat) return 1;; esac; }\ncrictl() { :; }\n${script}`
}
