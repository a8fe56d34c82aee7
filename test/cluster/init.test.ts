import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { firstControlPlane } from '../../tasks/lib/node/kubeadm/init.ts'
import type { InitOptions } from '../../tasks/lib/node/kubeadm/init-steps.ts'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import { fakePrograms } from '../support/fake-kubeadm.ts'
import { type End, killedMachine } from '../support/killed-machine.ts'
import { changesOn, converge } from '../support/machines.ts'
import { type RelocatedMachine, relocatedMachine } from '../support/relocated-machine.ts'

const options: InitOptions = {
  config: 'kind: InitConfiguration\n',
  needs: [],
  isEtcdExternal: false,
  tokenDescription: 'metaltasks',
}
const progress = { say: () => {}, signal: new AbortController().signal }

function bare(programs: Partial<typeof fakePrograms> = {}): RelocatedMachine {
  return relocatedMachine('cp1', { ...fakePrograms, ...programs })
}

test('a bare machine becomes a control plane in steps, and a second run changes nothing', async () => {
  const machine = bare()
  const { changes, again } = await converge(machine, [firstControlPlane(options)])
  expect(changes.map(({ title }) => title)).toEqual([
    'cp1: begin a new cluster',
    'cp1: have kubeadm check the machine and pull images',
    'cp1: make certificates and keys',
    'cp1: start the control plane',
    'cp1: take the token and the super-administrator of the setup away',
  ])
  expect(again).toEqual([])
  expect(kubeadmCalls(machine)).toEqual([
    'init phase preflight',
    'init phase certs all',
    'init phase kubeconfig all',
    'init',
  ])
})

test('E03 after it the super-administrator and the token of the setup are gone', async () => {
  const machine = bare()
  await converge(machine, [firstControlPlane(options)])
  expect(existsSync(join(machine.root, 'etc/kubernetes/super-admin.conf'))).toBe(false)
  expect(readdirSync(join(machine.root, 'api/tokens'))).toEqual([])
  expect(readdirSync(join(machine.root, 'etc/kubernetes/metaltasks'))).toEqual([])
})

test('killed before any of its commands, the next runs end as one that was not', async () => {
  const whole = bare()
  await converge(whole, [firstControlPlane(options)])
  const wanted = tree(whole)
  for (let command = 0; ; command++) {
    const machine = bare()
    const wasKilled = await runsUntilDone(machine, { beforeCommand: command })
    expect(tree(machine), `killed before command ${command} of each change`).toEqual(wanted)
    if (!wasKilled) return
  }
})

test('a certificate that was cut off is put aside, and made anew', async () => {
  const machine = bare({ kubeadm: `SLOW=1\n${fakePrograms.kubeadm}` })
  await runsUntilDone(machine, { afterMilliseconds: 250 })
  expect(readFileSync(join(machine.root, 'etc/kubernetes/pki/ca.key'), 'utf8')).toBe('made\n')
  expect(kubeadmCalls(machine).filter((call) => call === 'init')).toHaveLength(1)
})

test.each([
  ['its kubeconfig empty', { 'etc/kubernetes/kubelet.conf': '' }, true],
  [
    'an empty certificate behind its kubeconfig',
    {
      'etc/kubernetes/kubelet.conf': '/var/lib/kubelet/pki/kubelet-client-current.pem',
      'var/lib/kubelet/pki/kubelet-client-current.pem': '',
    },
    true,
  ],
  ['all of it', { 'etc/kubernetes/kubelet.conf': 'with a certificate in it' }, false],
])('a start in which the power went, and left the kubelet %s, is gone on with', async (_, files, isAnew) => {
  const machine = bare()
  const [begin, check, certify] = await changesOn(machine, [firstControlPlane(options)])
  for (const change of [begin, check, certify]) await change!.run(progress)
  for (const [file, text] of Object.entries(files)) {
    const path = join(machine.root, file)
    write(machine, file, text.startsWith('/') ? join(machine.root, text) : text)
    expect(existsSync(path)).toBe(true)
  }
  const { again } = await converge(machine, [firstControlPlane(options)])
  expect(again).toEqual([])
  expect(kubeadmCalls(machine).includes('init phase kubeconfig kubelet')).toBe(isAnew)
  expect(readFileSync(join(machine.root, 'etc/kubernetes/kubelet.conf'), 'utf8')).toBe(
    isAnew ? 'made\n' : 'with a certificate in it',
  )
})

test.each([
  'etc/kubernetes/pki/ca.crt',
  'etc/kubernetes/admin.conf',
  'etc/kubernetes/manifests/etcd.yaml',
  'var/lib/etcd/member/wal',
  'var/lib/kubelet/config.yaml',
])('D03 with %s on the machine nothing is set up over it', async (file) => {
  const machine = bare()
  write(machine, file, 'theirs')
  const [first] = await changesOn(machine, [firstControlPlane(options)])
  await expect(first!.run(progress)).rejects.toThrow(/is there: a cluster was on this machine/)
  expect(kubeadmCalls(machine)).toEqual([])
  expect(readFileSync(join(machine.root, file), 'utf8')).toBe('theirs')
})

test('on top of a backup its authorities stay, and etcd keeps its data', async () => {
  const machine = bare()
  for (const name of [
    'pki/ca.crt',
    'pki/ca.key',
    'pki/sa.key',
    'pki/etcd/ca.key',
    'metaltasks/restored.json',
  ])
    write(machine, `etc/kubernetes/${name}`, 'of the backup')
  write(machine, 'var/lib/etcd/member/wal', 'of the backup')
  const { again } = await converge(machine, [firstControlPlane(options)])
  expect(again).toEqual([])
  expect(readFileSync(join(machine.root, 'etc/kubernetes/pki/ca.key'), 'utf8')).toBe('of the backup')
  expect(readdirSync(join(machine.root, 'etc/kubernetes/metaltasks'))).toEqual(['restored.json.used'])
})

/** Runs again and again; each change of a run is killed there until one comes through. Whether any was. */
async function runsUntilDone(machine: RelocatedMachine, end: End): Promise<boolean> {
  const killed = new Set<string>()
  for (let run = 0; run < 20; run++) {
    let now: End
    const changes = await changesOn(
      killedMachine(machine as Machine, () => now),
      [firstControlPlane(options)],
    )
    if (changes.length === 0) return killed.size > 0
    for (const change of changes) {
      now = killed.has(change.title) ? undefined : end
      try {
        await change.run(progress)
      } catch {
        killed.add(change.title)
        break
      } finally {
        now = undefined
      }
    }
  }
  throw new Error('20 runs did not come to an end')
}

function kubeadmCalls({ root }: RelocatedMachine): string[] {
  if (!existsSync(join(root, 'log'))) return []
  const lines = readFileSync(join(root, 'log'), 'utf8').split('\n')
  return lines
    .filter((line) => line.startsWith('kubeadm'))
    .map((line) => line.slice(8).replace(/ --config.*/, ''))
}

function tree({ root }: RelocatedMachine): string[] {
  const all = ['etc', 'var', 'api'].flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: 'utf8' }).map((path) => `${top}/${path}`),
  )
  return all.filter((path) => !path.includes('/unfinished-')).sort()
}

function write({ root }: RelocatedMachine, path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
}
