import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Step } from '../../tasks/lib/cli/change.ts'
import type { OpenedSet } from '../../tasks/lib/cluster/backup/opened-set.ts'
import { restoreSteps } from '../../tasks/lib/cluster/backup/restore/restore-plan.ts'
import { openRestore } from '../../tasks/lib/cluster/backup/restore/restore-scene.ts'
import { restoredCheck } from '../../tasks/lib/cluster/backup/restore/restored-check.ts'
import type { ClusterScene } from '../../tasks/lib/cluster/cluster.ts'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import { testConfig } from '../support/config.ts'
import { killedMachine, seededRandom } from '../support/killed-machine.ts'
import { type RestoreBed, restoreBed } from '../support/restore-bed.ts'

const uid = '3f0c5b1e-7d3a-4c55-9a43-0c9a6fb8f1aa'
const progress = { say: () => {}, signal: new AbortController().signal }

let bed: RestoreBed
let set: OpenedSet
const keys = { file: 'keys of that time\n' }
beforeEach(async () => {
  bed = await restoreBed(uid)
  await bed.etcdctl('kube1', 'put', '/registry/configmaps/default/one', 'of then')
  set = await setOf('etcd-home-kube1-20260101T030000Z')
  await bed.etcdctl('kube1', 'put', '/registry/configmaps/default/one', 'of today')
  await bed.etcdctl('kube1', 'put', '/registry/configmaps/default/two', 'of today')
}, 120_000)
afterEach(() => bed.close(), 60_000)

async function setOf(name: string, from = 'kube1'): Promise<OpenedSet> {
  const file = join(bed.root, `${name}.db`)
  await bed.etcdctl(from, 'snapshot', 'save', file)
  const snapshot = readFileSync(file)
  const manifest = { ...{ name, cluster: 'home', host: 'kube1', time: '20260101T030000Z', etcd: '3.6.14' } }
  const counts = { revision: 3, keys: 2, kubeSystemUid: uid, encryptionKeys: [] }
  const sha256 = createHash('sha256').update(snapshot).digest('hex')
  return { title: name, manifest: { ...manifest, ...counts }, sha256, snapshot, files: new Map() }
}

/** What the tasks has in hand; `machine` may be one that is killed. */
function scene(machineOf: (name: string) => Machine = bed.machine): ClusterScene {
  const nodes = bed.names.map((name) => ({
    name,
    roles: [name.startsWith('etcd') ? ('etcd' as const) : ('control-plane' as const)],
    labels: {},
    taints: [],
    volumes: [],
  }))
  const states = new Map(bed.names.map((name) => [name, { isMember: true }]))
  return {
    config: testConfig(bed.root, { nodes }),
    survey: { states, unreachable: new Map() },
    machine: ({ name }: { name: string }) => machineOf(name),
    signal: progress.signal,
    now: () => new Date('2026-02-03T04:05:06Z'),
  } as unknown as ClusterScene
}

async function planned(
  machineOf?: (name: string) => Machine,
): Promise<{ steps: Step[]; check: () => Promise<void> }> {
  const restore = await openRestore(set, { scene: scene(machineOf), keys })
  const check = restoredCheck(restore.members[0]!, set)
  return { steps: restoreSteps(restore, { set, keys }), check: () => check.run(progress) }
}

/** Makes the changes as the runner does: a wave's lanes side by side, the next one once all of it is verified. */
async function run(steps: Step[]): Promise<void> {
  for (const wave of steps.flatMap(({ waves }) => waves)) {
    const lanes = new Map<string, typeof wave.changes>()
    for (const change of wave.changes) lanes.set(change.lane!, [...(lanes.get(change.lane!) ?? []), change])
    const ends = await Promise.allSettled(
      [...lanes.values()].map(async (lane) => {
        for (const change of lane) await change.run(progress)
      }),
    )
    const failed = ends.find((one) => one.status === 'rejected')
    if (failed) throw failed.reason
    for (const change of wave.changes) await change.verify(progress)
  }
}

async function expectRestored(): Promise<void> {
  for (const name of bed.names) {
    expect(await bed.etcdctl(name, 'get', '/registry/configmaps/default/one', '--print-value-only')).toBe(
      'of then\n',
    )
    expect(await bed.etcdctl(name, 'get', '/registry/configmaps/default/two')).toBe('')
    expect(bed.running(name)).toEqual(['etcd', 'kube-apiserver'])
    expect(readFileSync(bed.path(name, 'etc/kubernetes/enc/config.yaml'), 'utf8')).toBe('keys of that time\n')
    expect(readFileSync(bed.path(name, 'etc/kubernetes/enc/config.yaml.bak-20260203T040506Z'), 'utf8')).toBe(
      'keys of today\n',
    )
    expect(readdirSync(bed.path(name, 'var/lib')).sort()).toEqual([
      'etcd',
      'etcd.bak-20260203T040506Z',
      'metaltasks',
    ])
    expect(existsSync(bed.path(name, 'var/lib/etcd.bak-20260203T040506Z/member/snap/db'))).toBe(true)
    expect(readFileSync(bed.path(name, 'restarted'), 'utf8')).toContain('restart kubelet')
  }
  const members = (await bed.etcdctl('kube1', 'member', 'list')).trim().split('\n')
  expect(members).toHaveLength(3)
  const status = JSON.parse(await bed.etcdctl('kube1', 'endpoint', 'status', '-w', 'json'))
  expect(status[0].Status.header.revision).toBeGreaterThan(1_000_000_000)
  await expect(bed.etcdctl('kube1', 'get', '/registry', '--prefix', '--rev', '2')).rejects.toThrow(
    'compacted',
  )
}

describe('a restore', () => {
  test('G06 brings back what a backup holds on three members, and what was there stays under another name', async () => {
    const { steps, check } = await planned()
    expect(
      steps.map(({ name, waves }) => `${name} ${waves.flatMap(({ changes }) => changes).length}`),
    ).toEqual([...['prepared 6', 'stopped 3', 'exchanged 3', 'etcd 3', 'serving 3', 'finished 3']])
    const commands = steps.flatMap(({ waves }) =>
      waves.flatMap(({ changes }) => changes.flatMap((one) => one.commands ?? [])),
    )
    expect(commands.filter((line) => /rm -rf? .*etcd(?!\.restored)/.test(line))).toEqual([])
    await run(steps)
    await check()
    await expectRestored()
  }, 120_000)

  test('that is killed again and again goes on, and ends the same', async () => {
    const random = seededRandom(7)
    let kills = 0
    const machineOf = (name: string) =>
      killedMachine(bed.machine(name), () => {
        const beforeCommand = random(14)
        return random(3) === 0 ? undefined : { beforeCommand }
      })
    for (;;) {
      // Reading is not killed: only what changes something is.
      const { steps } = await planned((name) => onlyActions(bed.machine(name), machineOf(name)))
      const end = await run(steps).catch((error: Error) => error)
      if (end === undefined) break
      if (++kills > 200) throw end
    }
    expect(kills).toBeGreaterThan(5)
    await expectRestored()
  }, 300_000)

  test('of another set waits until the one that was begun is finished', async () => {
    const { steps } = await planned()
    await run(steps.slice(0, 2))
    expect(bed.names.flatMap(bed.running)).toEqual([])
    const other = { ...set, sha256: 'f'.repeat(64) }
    await expect(openRestore(other, { scene: scene(), keys })).rejects.toThrow(
      'was begun here and is not finished',
    )
    await run((await planned()).steps)
    await expectRestored()
  }, 120_000)

  test('stops before anything is stopped where a snapshot is damaged', async () => {
    const snapshot = Buffer.from(set.snapshot)
    snapshot[snapshot.length >> 1]! ^= 1
    set = { ...set, snapshot }
    const { steps } = await planned()
    await expect(run(steps)).rejects.toThrow('etcdutl snapshot restore')
    expect(bed.names.flatMap(bed.running)).toHaveLength(6)
    expect(await bed.etcdctl('kube2', 'get', '/registry/configmaps/default/two', '--print-value-only')).toBe(
      'of today\n',
    )
  }, 120_000)

  test('is refused while a control plane cannot be reached', async () => {
    const away = scene()
    const unreachable = new Map([
      ['kube3', { severity: 'error' as const, message: 'kube3: no route to host' }],
    ])
    const states = new Map([...away.survey.states].filter(([name]) => name !== 'kube3'))
    await expect(
      openRestore(set, { scene: { ...away, survey: { states, unreachable } }, keys }),
    ).rejects.toThrow('kube3 cannot be reached: its API server could go on with the data of today')
  })
})

function onlyActions(machine: Machine, killed: Machine): Machine {
  return {
    ...machine,
    run: (script, options) =>
      script.startsWith('set -eu; ') ? killed.run(script, options) : machine.run(script, options),
  }
}

test('a restore of etcd on hosts of its own stops the API server, exchanges the data on the hosts, and starts all again', async () => {
  await bed.close()
  bed = await restoreBed(uid, { isExternal: true })
  await bed.etcdctl('etcd1', 'put', '/registry/configmaps/default/one', 'of then')
  set = await setOf('etcd-home-kube1-20260101T030000Z', 'etcd1')
  await bed.etcdctl('etcd1', 'put', '/registry/configmaps/default/one', 'of today')
  for (let killed = 0; killed < 3; killed++) {
    const { steps } = await planned((name) =>
      onlyActions(
        bed.machine(name),
        killedMachine(bed.machine(name), () => ({ beforeCommand: 2 + killed })),
      ),
    )
    await expect(run(steps)).rejects.toThrow()
  }
  const { steps, check } = await planned()
  await run(steps)
  await check()
  for (const name of ['etcd1', 'etcd2', 'etcd3']) {
    expect(await bed.etcdctl(name, 'get', '/registry/configmaps/default/one', '--print-value-only')).toBe(
      'of then\n',
    )
    expect(existsSync(bed.path(name, 'var/lib/etcd.bak-20260203T040506Z/member/snap/db'))).toBe(true)
    expect(existsSync(bed.path(name, 'etc/kubernetes/enc/config.yaml.bak-20260203T040506Z'))).toBe(false)
  }
  expect(bed.running('kube1')).toEqual(['kube-apiserver'])
  expect(readFileSync(bed.path('kube1', 'etc/kubernetes/enc/config.yaml'), 'utf8')).toBe(
    'keys of that time\n',
  )
}, 120_000)
