import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ask } from '../../../tasks/lib/node/plan/ask.ts'
import { runAction } from '../../../tasks/lib/node/plan/run-action.ts'
import type { Action, Resource } from '../../../tasks/lib/node/resource.ts'
import { file } from '../../../tasks/lib/node/system/file.ts'
import { bootResources } from '../../../tasks/lib/node/unlock/boot.ts'
import { keyPair } from '../../../tasks/lib/node/unlock/key-pair.ts'
import { storedKey } from '../../../tasks/lib/node/unlock/server/stored-key.ts'
import { volumeResource } from '../../../tasks/lib/node/volumes/volume-resource.ts'
import { type Lab, openLab } from '../../support/lab.ts'
import type { LabMachine } from '../../support/lab-machine.ts'
import { labVolume } from '../../support/lab-volumes.ts'

vi.setConfig({ testTimeout: 900_000 })

let lab: Lab
let kube1: LabMachine

beforeAll(async () => {
  lab = await openLab({ machines: [{ name: 'kube1', disks: ['256M'] }] })
  kube1 = lab.machine('kube1')
  await kube1.sh(`vgcreate -q vg0 /dev/ubdb; useradd --system --user-group keys-kube1; install -d /masterlock/keys/kube1
    printf '#!/bin/sh\\ncat /masterlock/keys/kube1/data\\n' >/usr/local/sbin/volume-key; chmod 755 /usr/local/sbin/volume-key`)
})
afterAll(() => lab?.close())

/** Leaves no byte of the system's disk; the second program takes what the first one had no name for. */
const fill = `fallocate -l $(($(stat -f -c '%a * %S' /))) /var/fill 2>/dev/null || true
  dd if=/dev/zero of=/var/fill-more bs=1k 2>/dev/null || true; sync; ! { echo x >/var/fill-last; } 2>/dev/null`
const makeRoom = 'rm -f /var/fill*'
const precious = 'cat /etc/fstab /etc/passwd /etc/group'

async function actionsOf(resource: Resource): Promise<Action[]> {
  const machine = kube1.asMachine()
  const answers = await ask(machine, { resources: [resource] })
  return resource.plan(answers.get(resource)!).actions
}

/** Makes all of it, each change first on a full disk; gives why those failed that did. */
async function makeOnFullDisk(resource: Resource): Promise<Error[]> {
  const failures: Error[] = []
  for (let [action] = await actionsOf(resource); action; [action] = await actionsOf(resource)) {
    expect(action.blocked).toBeUndefined()
    const before = await kube1.sh(precious)
    await kube1.sh(fill)
    const error = await runAction(kube1.asMachine(), action).catch((failure: Error) => failure)
    await kube1.sh(makeRoom)
    if (!error) continue
    failures.push(error)
    expect(await kube1.sh(precious)).toBe(before)
    const [again] = await actionsOf(resource)
    expect(again?.blocked).toBeUndefined()
    await runAction(kube1.asMachine(), again!)
  }
  return failures
}

const volume = labVolume({ name: 'data', owner: '1000' })
const key = { folder: '/masterlock/keys/kube1', volume: 'data', account: 'keys-kube1', isInUse: false }
const config = { cluster: { unlock: 'key-server' } } as never

test.each([
  ['a file', [file({ path: '/etc/example.conf', content: 'line\n'.repeat(10_000) })]],
  ['an SSH key', [keyPair('kube1')]],
  ['the key of a volume', [storedKey(key)]],
  ['a volume', [volumeResource(volume, { read: 'volume-key data' })]],
  ['what opens volumes at boot', bootResources({} as never, [volume], config)],
])('%s is made whole or not at all while the disk of the system is full', async (_, resources) => {
  const failures: Error[] = []
  for (const resource of resources) {
    failures.push(...(await makeOnFullDisk(resource)))
    expect(await actionsOf(resource)).toEqual([])
  }
  expect(failures.length).toBeGreaterThan(0)
  for (const { message } of failures) expect(message).toMatch(/No space left on device/)
})

test('and the volume is the one that was made, with its key', async () => {
  expect(
    await kube1.sh(
      'volume-key data | wc -c; findmnt -n -o SOURCE,FSTYPE /srv/data; grep -c luks-data /etc/fstab',
    ),
  ).toBe('64\n/dev/mapper/luks-data ext4\n1\n')
  expect(
    await kube1.sh('volume-key data | cryptsetup open --test-passphrase --key-file - /dev/vg0/data; echo $?'),
  ).toBe('0\n')
  expect(
    await kube1.sh(
      'cat /etc/volume-keys/id_ed25519.pub; ssh-keygen -y -f /etc/volume-keys/id_ed25519 >/dev/null',
    ),
  ).toMatch(/^ssh-ed25519 /)
})
