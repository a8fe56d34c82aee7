import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Lab, openLab } from '../../support/lab.ts'
import type { LabMachine } from '../../support/lab-machine.ts'
import { fingerprint, type Kill, killAtEveryStep, plannedChanges } from '../../support/node-steps.ts'

// Three machines on two cores, and every change of the volumes by a run of its own.
vi.setConfig({ testTimeout: 1_200_000, hookTimeout: 600_000 })

const parts = 'node-prepare,node-ssh-keys,key-server,volumes,persistent-dirs,sync-programs,sync'
const install = ['install', '--only', parts]
const data = '/var/lib/k8s-volumes'

let lab: Lab
let kube1: LabMachine
let kube2: LabMachine
let keys: LabMachine

beforeAll(async () => {
  const node = (name: string) => ({ name, disks: ['512M'] })
  lab = await openLab({ machines: [node('kube1'), node('kube2'), { name: 'keys' }] })
  ;[kube1, kube2, keys] = lab.machines as [LabMachine, LabMachine, LabMachine]
  await lab.writeCluster(await lab.knownHosts(), 'known_hosts')
  const volumes = `[{ name: data, vg: vg0, size: 128Mi, path: ${data} }]`
  await lab.writeCluster(`name: lab
nodes:
  - { name: kube1, address: ${kube1.address}, roles: [control-plane, worker], volumes: ${volumes} }
  - { name: kube2, address: ${kube2.address}, roles: [worker], volumes: ${volumes} }
keyServer: { host: keys, address: ${keys.address} }
sync: [{ name: share, path: ${data}/both, nodes: [kube1, kube2], schedule: 'Mon 03:00' }]
ssh: { user: root, identity: ${lab.keyFile} }
`)
  await works(['secrets:key', '--name', 'tester'])
  await kube1.sh(
    'apt-get purge -y -qq lvm2 cryptsetup cryptsetup-bin xfsprogs >/dev/null 2>&1; ! command -v vgs; sync',
  )
  await kube2.sh('vgcreate -q vg0 /dev/ubdb; sync')
})
afterAll(() => lab?.close())

async function works(args: string[]): Promise<string> {
  const ran = await lab.tasks(args)
  expect(ran.exitCode, `tasks ${args.join(' ')}\n${ran.stdout}${ran.stderr}`).toBe(0)
  return ran.stderr
}

async function eachNode(work: (machine: LabMachine) => Promise<unknown>): Promise<void> {
  await Promise.all([kube1, kube2].map(work))
}

/** What is random differs from run to run: UUIDs, SSH keys and what is made of them. */
async function endState(machine: LabMachine): Promise<string> {
  const text = await fingerprint(machine)
  return text
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    .split('\n')
    .filter((line) => !/^[0-9a-f]{64} .*(id_ed25519|authorized_keys)/.test(line))
    .join('\n')
}

test('a bare machine is told what its volumes need, in one plan that changes nothing', async () => {
  const before = await fingerprint(kube1)
  const { exitCode, stderr } = await lab.tasks([...install, '--yes'])
  expect(exitCode).toBe(1)
  expect(stderr.match(/cannot be used/g)).toHaveLength(1)
  expect(stderr).toContain('kube1: volume data: volume group vg0 cannot be used: lvm2 is not installed')
  expect(stderr).toContain(
    'tasks node:prepare kube1; then, unless the group is on its disks already, make it',
  )
  expect(await fingerprint(kube1)).toBe(before)
  await works(['node:prepare', 'kube1', '--yes'])
  const again = await lab.tasks([...install, '--yes'])
  expect(again.stderr).toContain('vg0 cannot be used: Volume group "vg0" not found')
  await kube1.sh('vgcreate -q vg0 /dev/ubdb; sync')
})

describe('one install', () => {
  let whole: string
  beforeAll(async () => {
    await kube1.shutdown()
    await kube1.snapshot('before')
    await kube1.start()
  })

  test('makes volumes, their keys, directories and synchronised folders on all machines', async () => {
    await works([...install, '--yes'])
    await eachNode((machine) =>
      machine.sh(`mountpoint ${data}; [ $(find ${data} -name 'pv-*' | wc -l) -gt 30 ]`),
    )
    expect(await keys.sh('stat -c %s /masterlock/keys/kube1/data /masterlock/keys/kube2/data')).toBe(
      '64\n64\n',
    )
    expect(await kube1.sh('systemctl is-enabled metaltasks-volumes metaltasks-sync-share.timer')).toBe(
      'enabled\nenabled\n',
    )
    whole = await endState(kube1)
  })

  test('A03 of a second run nothing is changed, nor by the tasks of its parts', async () => {
    const { exitCode, stdout, stderr } = await lab.tasks([...install, '--yes', '--json'])
    expect(exitCode, stderr).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'done', changes: [] })
    for (const args of [['persistent-dirs'], ['volumes:key-server'], ['volumes'], ['volumes:sync']])
      expect(await plannedChanges(lab, args), args[0]).toEqual([])
  })

  test('holds after a power cut of both nodes', async () => {
    await kube1.sh(`echo kept >${data}/both/file; systemctl start metaltasks-sync-share; sync`)
    await kube2.sh('sync')
    await eachNode((machine) => machine.powerCut())
    await eachNode((machine) => machine.start())
    await eachNode((machine) => machine.until(`mountpoint -q ${data}`, 120))
    expect(await kube2.sh(`cat ${data}/both/file`)).toBe('kept\n')
    await kube1.until('systemctl is-active metaltasks-volumes', 60)
    expect(await plannedChanges(lab, install)).toEqual([])
  })

  test('A05 killed with -9 between and within the changes of volumes ends as one that was not', async () => {
    await kube1.powerCut()
    await kube1.restore('before')
    await kube1.start()
    await keys.sh('userdel keys-kube1; rm -r /masterlock/keys/kube1')
    for (const kept of ['recovery', 'header'])
      rmSync(join(lab.project, `secrets/volumes/kube1-data.${kept}.yaml`))
    const args = ['install', '--only', 'node-ssh-keys,key-server,volumes']
    const kills: Kill[] = ['done', 30, 'done', 200, 'done', 1000]
    expect(await killAtEveryStep(lab, { args, kills })).toBeGreaterThan(12)
    await works([...install, '--yes'])
    expect(await endState(kube1)).toBe(whole)
  })
})
