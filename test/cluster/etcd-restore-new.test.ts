import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import type { OpenedSet } from '../../tasks/lib/cluster/backup/opened-set.ts'
import { newMachineSteps } from '../../tasks/lib/cluster/backup/restore/new-machine.ts'
import type { ClusterScene } from '../../tasks/lib/cluster/cluster.ts'
import type { MemberState } from '../../tasks/lib/node/etcd-backup/restore/member-state.ts'
import { exchangeCommands, type Restore } from '../../tasks/lib/node/etcd-backup/restore/restore-commands.ts'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import { runAction } from '../../tasks/lib/node/plan/run-action.ts'
import { type BackupBed, backupBed } from '../support/backup-bed.ts'
import { testConfig } from '../support/config.ts'
import { temporaryFolder } from '../support/folder.ts'
import { killedMachine, seededRandom } from '../support/killed-machine.ts'
import { etcdPrograms } from '../support/node-software-releases.ts'
import { rootedMachine } from '../support/restore-bed.ts'

const progress = { say: () => {}, signal: new AbortController().signal }
const authorities = [
  'pki/ca.crt',
  'pki/ca.key',
  'pki/etcd/ca.crt',
  'pki/etcd/ca.key',
  'pki/sa.key',
  'pki/sa.pub',
]
let set: OpenedSet
let programs: Awaited<ReturnType<typeof etcdPrograms>>
let root: string

beforeAll(async () => {
  programs = await etcdPrograms()
  const bed = await backupBed()
  set = await snapshotOf(bed)
  await bed.close()
}, 120_000)
beforeEach(async () => {
  root = await temporaryFolder()
  mkdirSync(join(root, 'bin'))
  symlinkSync(programs.etcdutl, join(root, 'bin/etcdutl'))
})

async function snapshotOf(bed: BackupBed): Promise<OpenedSet> {
  const file = join(bed.root, 'snapshot.db')
  await bed.etcdctl('snapshot', 'save', file)
  const snapshot = readFileSync(file)
  const paths = [...authorities, 'pki/etcd/server.crt']
  const files = new Map(paths.map((path) => [path, readFileSync(join(bed.paths.kubernetes, path))]))
  const manifest = { name: 'etcd-home-kube1-20260101T030000Z', kubeSystemUid: 'uid' } as OpenedSet['manifest']
  const sha256 = createHash('sha256').update(snapshot).digest('hex')
  return { title: 'the set', manifest, sha256, snapshot, files }
}

async function changes(machine: Machine = rootedMachine('kube1', root)) {
  const nodes = [
    {
      name: 'kube1',
      address: '10.0.0.1',
      roles: ['control-plane' as const],
      labels: {},
      taints: [],
      volumes: [],
    },
  ]
  const scene = {
    config: testConfig(root, { nodes }),
    survey: { states: new Map(), unreachable: new Map() },
    machine: () => machine,
    signal: progress.signal,
    now: () => new Date('2026-02-03T04:05:06Z'),
  } as unknown as ClusterScene
  const steps = await newMachineSteps(set, scene)
  return steps.flatMap(({ waves }) => waves.flatMap((wave) => wave.changes))
}

async function expectRestored(): Promise<void> {
  const kubernetes = join(root, 'etc/kubernetes')
  for (const path of authorities) {
    expect(readFileSync(join(kubernetes, path)).equals(set.files.get(path)!), path).toBe(true)
    expect(statSync(join(kubernetes, path)).mode & 0o077, path).toBe(0)
  }
  // Certificates of machines that are gone are made anew.
  expect(existsSync(join(kubernetes, 'pki/etcd/server.crt'))).toBe(false)
  expect(readdirSync(join(root, 'var/lib/etcd'))).toEqual(['member'])
  const { stdout } = await run([
    programs.etcdutl,
    'snapshot',
    'status',
    join(root, 'var/lib/etcd/member/snap/db'),
    '-w',
    'json',
  ])
  expect(JSON.parse(stdout).revision).toBeGreaterThan(1_000_000_000)
  expect(JSON.parse(readFileSync(join(kubernetes, 'metaltasks/restored.json'), 'utf8'))).toMatchObject({
    sha256: set.sha256,
  })
}

describe('a restore on a machine without a cluster', () => {
  test('puts back authorities and data, and says so to whoever sets the cluster up', async () => {
    for (const change of await changes()) await change.run(progress)
    await expectRestored()
    expect(await changes()).toEqual([])
  }, 60_000)

  test('that is killed before any of its commands ends the same', async () => {
    const random = seededRandom(11)
    let kills = 0
    for (;;) {
      const plain = rootedMachine('kube1', root)
      const killed = killedMachine(plain, () => ({ beforeCommand: random(22) }))
      const left = await changes({
        ...plain,
        run: (script, options) => (script.startsWith('set -eu; ') ? killed : plain).run(script, options),
      })
      if (left.length === 0) break
      for (const change of left) {
        const failed = await change.run(progress).then(
          () => false,
          () => true,
        )
        if (failed) break
      }
      if (++kills > 200) throw new Error('it does not come to its end')
    }
    expect(kills).toBeGreaterThan(3)
    await expectRestored()
  }, 120_000)

  test('touches none that has a kubelet, an API server, data or another authority', async () => {
    const place = (path: string, text = 'x') => {
      mkdirSync(join(root, path, '..'), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    place('etc/kubernetes/pki/ca.crt', 'another one')
    await expect((await changes())[0]!.run(progress)).rejects.toThrow('cmp')
    expect(readFileSync(join(root, 'etc/kubernetes/pki/ca.crt'), 'utf8')).toBe('another one')
    place('var/lib/etcd/member/snap/db', 'data')
    await expect((await changes())[1]!.run(progress)).rejects.toThrow('test ! -e /var/lib/etcd/member')
    place('etc/kubernetes/kubelet.conf')
    await expect((await changes())[0]!.run(progress)).rejects.toThrow('kubelet.conf')
    expect(readFileSync(join(root, 'var/lib/etcd/member/snap/db'), 'utf8')).toBe('data')
  }, 60_000)
})

describe('data on a file system of its own', () => {
  test('are exchanged inside it, killed before any command too', async () => {
    const id = '20260203T040506Z'
    const folder = join(root, 'var/lib/etcd')
    for (const path of ['member/snap', `restored-${id}/member/snap`, 'lost+found'])
      mkdirSync(join(folder, path), { recursive: true })
    writeFileSync(join(folder, 'member/snap/db'), 'of today')
    writeFileSync(join(folder, `restored-${id}/member/snap/db`), 'of then')
    writeFileSync(join(root, 'bin/crictl'), '#!/bin/sh\n', { mode: 0o755 })
    const machine = rootedMachine('kube1', root)
    const etcd = { name: 'kube1', peerUrl: '', dataDir: '/var/lib/etcd', isMount: true, isUnit: false }
    const member: MemberState = { machine, etcd, etcdctl: [], server: '10.0.0.1:6443' }
    const restore: Restore = { id, sha256: 'f'.repeat(64), set: 'the-set', members: [member], snapshot: '' }
    mkdirSync(join(root, 'etc/kubernetes/metaltasks/restore'), { recursive: true })
    writeFileSync(
      join(root, 'etc/kubernetes/metaltasks/restore/record'),
      `${id} ${restore.sha256} the-set stopped\n`,
    )
    const commands = exchangeCommands(member, restore)
    const action = { action: 'run' as const, title: 'exchange', commands }
    for (let beforeCommand = 1; beforeCommand < commands.length; beforeCommand++)
      await expect(
        runAction(
          killedMachine(machine, () => ({ beforeCommand })),
          action,
        ),
      ).rejects.toThrow()
    await runAction(machine, action)
    await runAction(machine, action)
    expect(readFileSync(join(folder, 'member/snap/db'), 'utf8')).toBe('of then')
    expect(readFileSync(join(folder, `member.bak-${id}/snap/db`), 'utf8')).toBe('of today')
    expect(readdirSync(folder).sort()).toEqual(['lost+found', 'member', `member.bak-${id}`])
  }, 60_000)
})
