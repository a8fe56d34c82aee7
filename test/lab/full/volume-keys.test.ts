import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Ran } from '../../support/cli.ts'
import { type Lab, openLab } from '../../support/lab.ts'
import type { LabMachine } from '../../support/lab-machine.ts'

const keyFile = '/masterlock/keys/kube1/data'
const device = '/dev/vg0/data'

// Many round trips to machines that share what processors there are.
vi.setConfig({ testTimeout: 400_000, hookTimeout: 400_000 })

let lab: Lab
let kube1: LabMachine
let keys: LabMachine

beforeAll(async () => {
  lab = await openLab({ machines: [{ name: 'kube1', disks: ['256M'] }, { name: 'keys' }] })
  kube1 = lab.machine('kube1')
  keys = lab.machine('keys')
  await lab.writeCluster(await lab.knownHosts(), 'known_hosts')
  await lab.writeCluster(`name: lab
nodes:
  - name: kube1
    address: ${kube1.address}
    volumes: [{ name: data, vg: vg0, size: 96Mi, path: /srv/data }]
keyServer: { host: keys, address: ${keys.address} }
ssh: { user: root, identity: ${lab.keyFile} }
`)
  await kube1.sh('vgcreate -q vg0 /dev/ubdb')
  await works(['secrets:key', '--name', 'tester'])
  await works(['volumes:key-server', '--yes'])
  await works(['volumes', '--yes'])
  await kube1.sh('head -c 4M /dev/urandom >/srv/data/file; sync; sha256sum /srv/data/file >/root/sum')
})
afterAll(() => lab?.close())

async function works(args: string[]): Promise<Ran> {
  const ran = await lab.tasks(args)
  if (ran.exitCode !== 0) throw new Error(`tasks ${args.join(' ')}\n${ran.stdout}${ran.stderr}`)
  return ran
}

const storedKey = async () => Buffer.from((await keys.sh(`base64 -w0 ${keyFile}`)).trim(), 'base64')
const opensWith = async (key: Buffer) =>
  (await kube1.try(`cryptsetup open --test-passphrase --key-file - ${device}`, { input: key })).exitCode
const dataIsThere = () => kube1.sh('sha256sum -c --quiet /root/sum')
const close = () =>
  kube1.sh('systemctl stop metaltasks-volumes; umount /srv/data; cryptsetup close luks-data')
const kept = () => readdirSync(join(lab.project, 'secrets/volumes')).sort()

test('making a volume gives it a recovery passphrase and a backup of its header; a second run changes nothing', async () => {
  expect(kept()).toEqual(['kube1-data.header.yaml', 'kube1-data.recovery.yaml'])
  expect(await kube1.sh(`cryptsetup luksDump ${device} | grep -c argon2id`)).toBe('1\n')
  expect((await works(['volumes', '--yes'])).stderr).toContain('0 changes')
})

test('B08, B10 and B16: a mounted volume gets a new key; nothing of any key is said, listed or recorded', async () => {
  const before = await storedKey()
  const watch =
    'nohup sh -c "while sleep 1; do ps axwwe; done" >/dev/shm/ps 2>&1 </dev/null & echo $! >/dev/shm/watch'
  await Promise.all([kube1.sh(watch), keys.sh(watch)])
  const ran = await works(['volumes:rotate-key', '--yes', '--verbose'])
  const seen = [kube1, keys].map((machine) =>
    machine.sh(
      'kill $(cat /dev/shm/watch); journalctl --no-pager; cat /dev/shm/ps /root/.*history 2>/dev/null; :',
    ),
  )
  const journal = readdirSync(join(lab.project, '.tasks'), { recursive: true, withFileTypes: true })
  const recorded = journal
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
  const all = [ran.stdout, ran.stderr, ...recorded, ...(await Promise.all(seen))].join('\n')
  const after = await storedKey()
  expect([await opensWith(before), await opensWith(after)]).toEqual([2, 0])
  for (const key of [before, after])
    for (const form of [key.toString('base64').slice(0, 20), key.toString('hex').slice(0, 20)])
      expect(all.includes(form)).toBe(false)
  expect(all).toContain('cryptsetup luksKillSlot')
  expect(await keys.sh('ls -A /masterlock/keys/kube1')).toBe('data\n')
  expect(kept()).toEqual(['kube1-data.header.yaml', 'kube1-data.recovery.yaml'])
  await dataIsThere()
})

test('a closed volume is opened by hand; one that is open is left alone', async () => {
  await close()
  const ran = await works(['volumes:unlock', 'data'])
  expect(ran.stderr).toContain('open /dev/vg0/data as luks-data')
  await dataIsThere()
  await kube1.until('systemctl is-active metaltasks-volumes')
  expect((await works(['volumes:unlock'])).stderr).toContain('0 changes')
})

test('B03 and B11: an overwritten header is restored, its name being typed, and what was there is kept', async () => {
  await close()
  await kube1.sh(`dd if=/dev/zero of=${device} bs=1M count=1 conv=fsync 2>/dev/null`)
  const args = ['volumes:header-backup', 'data', '--restore', '--yes']
  expect((await lab.tasks(args)).exitCode).toBe(64)
  await works([...args, '--confirm', 'data'])
  expect(await kube1.sh('ls /var/lib/metaltasks/headers | wc -l')).toBe('1\n')
  await works(['volumes:unlock'])
  await dataIsThere()
})

test('without the key server the recovery passphrase opens the volume', async () => {
  await close()
  await keys.powerCut()
  const failed = await lab.tasks(['volumes:unlock'])
  expect(failed.exitCode).toBe(1)
  expect(failed.stderr).toContain('keys')
  await works(['volumes:unlock', 'data', '--recovery'])
  await dataIsThere()
  await keys.start()
})

test('B08 a power cut of the machine within a rotation leaves a key that opens it, and the next run goes on', async () => {
  const before = await storedKey()
  const running = lab.tasks(['volumes:rotate-key', '--yes'])
  await kube1.until(`[ $(cryptsetup luksDump ${device} | grep -c ': luks2') -ge 3 ]`, 200)
  await kube1.powerCut()
  await running
  await kube1.start()
  // ssh answers before the logical volumes are there.
  await kube1.until(`[ -b ${device} ]`)
  expect(await opensWith(await storedKey())).toBe(0)
  await works(['volumes:rotate-key', '--yes'])
  const after = await storedKey()
  expect([await opensWith(before), await opensWith(after)]).toEqual([2, 0])
  await kube1.until('mountpoint -q /srv/data')
  await dataIsThere()
})
