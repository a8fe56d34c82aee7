import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Ran, run } from '../../support/cli.ts'
import { type Lab, openLab } from '../../support/lab.ts'
import type { LabMachine } from '../../support/lab-machine.ts'
import { plannedChanges } from '../../support/node-steps.ts'

vi.setConfig({ testTimeout: 900_000 })

const args = ['install', '--only', 'node-prepare,node-ssh-keys,key-server,volumes']

let lab: Lab
let kube1: LabMachine

beforeAll(async () => {
  lab = await openLab({ machines: [{ name: 'kube1', disks: ['256M'] }, { name: 'keys' }] })
  kube1 = lab.machine('kube1')
  await lab.writeCluster(await lab.knownHosts(), 'known_hosts')
  await lab.writeCluster(`name: lab
nodes:
  - name: kube1
    address: ${kube1.address}
    volumes: [{ name: data, vg: vg0, size: 96Mi, path: /srv/data }]
keyServer: { host: keys, address: ${lab.machine('keys').address} }
ssh: { user: root, identity: ${lab.keyFile} }
`)
  await kube1.sh('vgcreate -q vg0 /dev/ubdb; sync')
})
afterAll(() => lab?.close())

/** Pulls the cable of kube1, the first machine of the lab, out of the switch, or puts it in again. */
async function cable(where: 'in' | 'out'): Promise<void> {
  // Its own end stays up: a machine of the lab that cannot send gives its network card up for good.
  const words = where === 'in' ? ['master', 'br0'] : ['nomaster']
  const { exitCode, stderr } = await run('ip', ['-n', lab.namespace, 'link', 'set', 'tap0', ...words])
  expect(exitCode, stderr).toBe(0)
}

/** A run whose network fails as soon as it has begun the change of that title, until it has ended. */
async function cutOffAt(title: string): Promise<Ran> {
  let hasEnded = false
  const running = lab.tasks([...args, '--yes']).finally(() => {
    hasEnded = true
  })
  while (!hasEnded && !lastJournal().some((line) => isBegin(line, title))) await sleep(20)
  await cable('out')
  const ran = await running
  await cable('in')
  return ran
}

const isBegin = (line: string, title: string) =>
  line.includes('"event":"started"') && line.includes(`"title":"kube1: ${title}`)

function lastJournal(): string[] {
  const folder = join(lab.project, '.tasks/journal')
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.jsonl')) : []
  return names.length === 0 ? [] : readFileSync(join(folder, names.sort().at(-1)!), 'utf8').split('\n')
}

const errors = ({ stderr }: Ran) => stderr.split('\n').filter((line) => /^ *error:/.test(line))
const isFree = '[ ! -e /run/metaltasks.holder ]'

test.each(['install conntrack', 'format logical volume vg0/data', 'make file system ext4'])(
  'a run whose network fails at "%s" ends with one error, and its lock is let go',
  async (title) => {
    const ran = await cutOffAt(title)
    expect(ran.exitCode, ran.stderr).toBe(1)
    // Whether the script had begun on the machine decides which of the two is said.
    expect(errors(ran), ran.stderr).toEqual([
      expect.stringMatching(/kube1: (the connection ended before the answer was whole|no answer from)/),
    ])
    expect(ran.stderr).toContain(title)
    // The lab's own connection was cut, too: it takes its time to send again.
    await kube1.until(isFree, 180)
  },
)

test('the next run goes on from there to the same end', async () => {
  const { exitCode, stderr } = await lab.tasks([...args, '--yes'])
  expect(exitCode, stderr).toBe(0)
  expect(await plannedChanges(lab, args)).toEqual([])
  expect(await kube1.sh(`dpkg --audit; mountpoint /srv/data; ${isFree}`)).toBe('/srv/data is a mountpoint\n')
})

test('a machine whose network fails before it is asked is named, and nothing of it is changed', async () => {
  await cable('out')
  const ran = await lab.tasks([...args, '--yes'])
  await cable('in')
  expect(ran.exitCode, ran.stderr).toBe(1)
  expect(new Set(errors(ran))).toEqual(new Set([expect.stringContaining('kube1: no answer from')]))
  expect(await plannedChanges(lab, args)).toEqual([])
})
