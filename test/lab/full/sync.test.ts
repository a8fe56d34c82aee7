import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Lab, openLab } from '../../support/lab.ts'
import type { LabMachine } from '../../support/lab-machine.ts'

// Two machines on whatever the others leave of two cores.
vi.setConfig({ testTimeout: 600_000 })

let lab: Lab
let kube1: LabMachine
let kube2: LabMachine

const folder = '/srv/share'
const state = '/var/lib/metaltasks-sync/share'
const cluster = (sync: string) => `name: lab
nodes:
  - { name: kube1, address: ${kube1.address}, roles: [control-plane, worker] }
  - { name: kube2, address: ${kube2.address}, roles: [worker] }
ssh: { user: root, identity: ${lab.keyFile} }
${sync}`
const share = `sync:
  - { name: share, path: ${folder}, nodes: [kube1, kube2], schedule: 'Mon 03:00' }
`

beforeAll(async () => {
  const machine = (name: string) => ({ name, disks: ['1G'] })
  lab = await openLab({ machines: [machine('kube1'), machine('kube2')] })
  kube1 = lab.machine('kube1')
  kube2 = lab.machine('kube2')
  await Promise.all(
    lab.machines.map((one) =>
      one.sh(
        `mkfs.ext4 -q /dev/ubdb </dev/null; mkdir ${folder}; mount /dev/ubdb ${folder}; rmdir ${folder}/lost+found`,
      ),
    ),
  )
  await lab.writeCluster(cluster(share))
  await lab.writeCluster(await lab.knownHosts(), 'known_hosts')
})
afterAll(() => lab?.close())

/** Runs it once, as the timer does, and waits for the end: "done", or why it failed. */
async function synchronise(): Promise<string> {
  await kube1.sh('systemctl start --no-block metaltasks-sync-share.service')
  return ended()
}

async function ended(): Promise<string> {
  await kube1.until('! systemctl show -p ActiveState --value metaltasks-sync-share | grep -q activating', 500)
  const status = await kube1.sh(`cat ${state}/status`)
  const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(status)![1]!
  return value('result') === 'done' ? 'done' : value('message')
}

const files = `find . -path ./.metaltasks-sync -prune -o -type f`
/** What the folder holds on each side, as one sum. */
const sums = () =>
  Promise.all(
    lab.machines.map((one) =>
      one.sh(`cd ${folder}; ${files} -print0 | sort -z | xargs -0 sha256sum | sha256sum`),
    ),
  )
const contents = async (one: LabMachine) =>
  new Set((await one.sh(`cd ${folder}; ${files} -exec cat {} +`)).split('\n').filter(Boolean))

/** A shell function: writes a line of its own into each of the files f1 to f100 of folders. */
const edit = (name: string) =>
  `cd ${folder}; edit() { for d in $(seq "$1" "$2"); do for f in $(seq 100); do echo "${name} $d $f" >"t/$d/f$f"; done; done; }`

function* linesOf(name: string, from: number, to: number) {
  for (let d = from; d <= to; d++) for (let f = 1; f <= 100; f++) yield `${name} ${d} ${f}`
}

test('is set up by one command, and a second run changes nothing', async () => {
  const first = await lab.tasks(['volumes:sync', '--yes'])
  expect(first.exitCode, first.stderr).toBe(0)
  const again = await lab.tasks(['volumes:sync', '--yes'])
  expect(again.exitCode, again.stderr).toBe(0)
  expect(again.stderr).toContain('nothing to do')
  expect(await kube1.sh('systemctl is-enabled metaltasks-sync-share.timer')).toBe('enabled\n')
})

test('of 10,000 files edited on both sides, one side killed in mid-run, none is lost and conflicts have both names', async () => {
  const base = `cd ${folder}; mkdir t; for d in $(seq 100); do mkdir t/$d; for f in $(seq 100); do echo "base $d $f" >t/$d/f$f; done; done
    find t -exec touch -d '2026-01-01' {} +`
  await Promise.all(lab.machines.map((one) => one.sh(base)))
  expect(await synchronise()).toBe('done')
  // 1-20 on kube1, 16-35 on kube2, so 16-20 on both; 40 goes on kube1 and is edited on kube2; new ones on both sides.
  await Promise.all([
    kube1.sh(`${edit('one')}; edit 1 20; rm -r t/40; mkdir t/101; edit 101 101; sync`),
    kube2.sh(`${edit('two')}; edit 16 35; edit 40 40; mkdir t/102; edit 102 102; sync`),
  ])
  await kube1.sh('systemctl start --no-block metaltasks-sync-share.service')
  await kube1.until(`test "$(grep -c END ${state}/output)" -gt 300`, 400)
  await kube2.powerCut()
  expect(await ended()).toContain('kube2')
  await kube2.start()
  await kube2.sh(`mount /dev/ubdb ${folder}`)
  expect(await synchronise()).toBe('done')
  expect(await synchronise()).toBe('done')
  const [one, two] = await sums()
  expect(one).toBe(two)
  const kept = await contents(kube1)
  const wanted = [
    ...[...linesOf('one', 1, 20), ...linesOf('one', 101, 101)],
    ...[...linesOf('two', 16, 35), ...linesOf('two', 40, 40), ...linesOf('two', 102, 102)],
    ...[...linesOf('base', 36, 39), ...linesOf('base', 41, 100)],
  ]
  expect(wanted.filter((line) => !kept.has(line))).toEqual([])
  const conflicts = (await kube2.sh(`ls ${folder}/t/17`))
    .split('\n')
    .filter((name) => name.includes('conflict'))
  expect(conflicts).toHaveLength(100)
})

test('a run whose own machine kills it goes on with the next one', async () => {
  await Promise.all([
    kube1.sh(`${edit('three')}; edit 50 60; rm -r t/61`),
    kube2.sh(`${edit('four')}; edit 58 65`),
  ])
  await kube1.sh('systemctl start --no-block metaltasks-sync-share.service')
  await kube1.until(`test "$(grep -c END ${state}/output)" -gt 200`, 400)
  await kube1.sh('systemctl kill -s KILL metaltasks-sync-share.service; pkill -KILL -x unison || true')
  await kube1.until('! pgrep -x unison', 30)
  await kube2.until('! systemctl is-active -q metaltasks-sync-serves-share', 60)
  expect(await synchronise()).toBe('done')
  expect(await synchronise()).toBe('done')
  const [one, two] = await sums()
  expect(one).toBe(two)
  const kept = await contents(kube1)
  const wanted = [...linesOf('three', 50, 60), ...linesOf('four', 58, 65)]
  expect(wanted.filter((line) => !kept.has(line))).toEqual([])
})

test('a change of the same size and time is not overlooked, and what it replaced is kept', async () => {
  const write = (text: string, time: string) =>
    `cd ${folder}; echo ${text} >f; touch -d '2026-11-21 ${time}' f`
  await kube1.sh(write('AAAA', '12:00'))
  await synchronise()
  await kube1.sh(write('BBBB', '13:00'))
  await synchronise()
  expect(await kube2.sh(`cat ${folder}/f`)).toBe('BBBB\n')
  await kube2.sh(write('CCCC', '13:00'))
  await synchronise()
  expect(await kube1.sh(`cat ${folder}/f; cat ${folder}/.metaltasks-sync/kept/f`)).toBe('CCCC\nBBBB\n')
})

describe('a side whose file system is not mounted', () => {
  test('deletes nothing on the other side, whichever it is', async () => {
    const before = await sums()
    await kube2.sh(`umount ${folder}`)
    expect(await synchronise()).toContain(`${folder} is not mounted`)
    await kube2.sh(`mount -t tmpfs tmpfs ${folder}`)
    expect(await synchronise()).toContain('is the right file system mounted?')
    await kube2.sh(`umount ${folder}; mount /dev/ubdb ${folder}; true`)
    await kube1.sh(`umount ${folder}`)
    expect(await synchronise()).toContain(`${folder} is not mounted`)
    await kube1.sh(`mount /dev/ubdb ${folder}`)
    expect(await synchronise()).toBe('done')
    expect(await sums()).toEqual(before)
  })
})

test('the key of the first machine synchronises folders and does nothing else', async () => {
  const asked = ['', 'id', 'share id', '../etc changed', 'share -server; id', 'other changed']
  for (const words of asked) {
    const ran = await kube1.try(`ssh -F /etc/metaltasks-sync/ssh_config kube2 '${words}' </dev/null`)
    expect([words, ran.exitCode, ran.stdout]).toEqual([words, 75, ''])
  }
  const forward = await kube1.try(
    'ssh -F /etc/metaltasks-sync/ssh_config -o ControlPath=none -o ExitOnForwardFailure=yes -N -R 7777:localhost:22 kube2',
  )
  expect(forward.exitCode).not.toBe(0)
})

test('another host key in the place of the pinned one ends the run', async () => {
  await kube1.sh(
    'cp -p /etc/metaltasks-sync/known_hosts /run/kept; ssh-keygen -q -t ed25519 -N "" -f /run/other',
  )
  await kube1.sh(
    'echo "kube2 $(cut -d" " -f1,2 /run/other.pub)" >/etc/metaltasks-sync/known_hosts; rm -f /run/metaltasks-sync-*',
  )
  expect(await synchronise()).toContain('Host key verification failed')
  await kube1.sh('cp -p /run/kept /etc/metaltasks-sync/known_hosts')
  expect(await synchronise()).toBe('done')
})

test('a folder that leaves the configuration is synchronised no more, and its files stay', async () => {
  const before = await sums()
  await lab.writeCluster(cluster(''))
  const { exitCode, stderr } = await lab.tasks(['volumes:sync', '--yes'])
  expect(exitCode, stderr).toBe(0)
  expect((await kube1.try('systemctl cat metaltasks-sync-share.timer')).exitCode).not.toBe(0)
  expect((await kube2.try('grep metaltasks-sync /root/.ssh/authorized_keys')).stdout).toBe('')
  expect(await sums()).toEqual(before)
})
