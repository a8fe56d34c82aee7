import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { file } from '../../../tasks/lib/node/system/file.ts'
import { mount } from '../../../tasks/lib/node/system/mount.ts'
import { unit } from '../../../tasks/lib/node/system/unit.ts'
import { group, user } from '../../../tasks/lib/node/system/users.ts'
import { type Lab, openLab } from '../../support/lab.ts'
import type { LabMachine } from '../../support/lab-machine.ts'
import { converge } from '../../support/machines.ts'
import { fingerprint, killAtEveryStep, plannedChanges } from '../../support/node-steps.ts'

const args = ['node:prepare']

const changes = [
  'kube1: install tree',
  'kube1: create /etc/modules-load.d/metaltasks.conf',
  'kube1: load kernel modules overlay, br_netfilter, dm_crypt',
  'kube1: create /etc/sysctl.d/99-tasks.conf',
  'kube1: set 7 kernel parameters',
  'kube1: comment out swap in /etc/fstab',
  'kube1: keep units from starting swap at boot',
  'kube1: end swap on /swap',
]

let lab: Lab
let kube1: LabMachine
/** How the machine is after a run that nobody interrupted. */
let prepared: string

beforeAll(async () => {
  lab = await openLab({ machines: [{ name: 'kube1', disks: ['64M'] }] })
  kube1 = lab.machine('kube1')
  await lab.writeCluster(await lab.knownHosts(), 'known_hosts')
  await lab.writeCluster(`name: lab
nodes:
  - name: kube1
    address: ${kube1.address}
    roles: [control-plane, worker]
ssh: { user: root, identity: ${lab.keyFile} }
system:
  packages: [tree]
  sysctl: { vm.max_map_count: '262144' }
`)
  // Installed before: dpkg takes its time on these machines, and every chain of killed runs would pay for it.
  await kube1.sh('apt-get install -y -qq conntrack ethtool iptables socat >/dev/null 2>&1')
  await kube1.sh(`fallocate -l 32M /swap; chmod 600 /swap; mkswap -q /swap
    echo '/swap none swap sw 0 0' >>/etc/fstab; systemctl daemon-reload; swapon /swap
    printf key | cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file - /dev/ubdb
    dd if=/dev/zero of=/dev/ubdb bs=4096 count=1 conv=notrunc,fsync 2>/dev/null; sync`)
  await kube1.shutdown()
  await kube1.snapshot('fresh')
  await kube1.start()
})
afterAll(() => lab?.close())

async function freshAgain(): Promise<void> {
  await kube1.powerCut()
  await kube1.restore('fresh')
  await kube1.start()
}

/** Disks to the byte, and all of /etc. */
function everything(): Promise<string> {
  return kube1.sh(
    "sha256sum /dev/ubdb; find /etc -xdev \\( -type f -exec sha256sum {} + \\) -o -printf '%M %u:%g %p %l %T@\\n' | sort",
  )
}

test('A04 a plan shows every command and changes no byte of disks and /etc', async () => {
  const before = await everything()
  expect(await plannedChanges(lab, args)).toEqual(changes)
  const { stdout, exitCode } = await lab.tasks([...args, '--dry-run'])
  expect(exitCode).toBe(0)
  expect(stdout).toContain('  $ modprobe -a -- overlay br_netfilter dm_crypt\n')
  expect(stdout).toContain('  $ sysctl -q -w vm.max_map_count=262144\n')
  expect(stdout).toContain('  - /swap none swap sw 0 0\n  + # swap is off: /swap none swap sw 0 0\n')
  expect(await everything()).toBe(before)
})

describe('A03 a machine that is prepared', () => {
  test('is as the plan said', async () => {
    const { stderr, exitCode } = await lab.tasks([...args, '--yes'])
    expect(stderr).toContain('8 changes')
    expect(exitCode).toBe(0)
    prepared = await fingerprint(kube1)
    expect(
      await kube1.sh('cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/bridge/bridge-nf-call-iptables'),
    ).toBe('1\n1\n')
    expect(await kube1.sh('tail -n +2 /proc/swaps; tree --version')).toMatch(/^tree v/)
  })

  test('gets no changing command from a second run, and two questions', async () => {
    await kube1.sh("echo 'LogLevel VERBOSE' >/etc/ssh/sshd_config.d/lab.conf; systemctl reload ssh")
    const before = await everything()
    const { stderr, stdout, exitCode } = await lab.tasks([...args, '--yes', '--json'])
    expect(exitCode).toBe(0)
    expect(stderr).toContain('nothing to do: 6 objects as wanted')
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'done', changes: [] })
    expect(await everything()).toBe(before)
    const sessions = await kube1.sh(
      "journalctl -u ssh --since -1min -o cat | grep -c 'Starting session' || :",
    )
    expect(Number(sessions)).toBeLessThanOrEqual(3 + 2)
  })

  test('stays so after it was switched off and on', async () => {
    await kube1.sh('rm /etc/ssh/sshd_config.d/lab.conf')
    await kube1.reboot()
    expect(await plannedChanges(lab, args)).toEqual([])
  })
})

describe('what is described of a machine', () => {
  const path = '/etc/systemd/system/lab-sleep.service'
  const sleeping = (seconds: number) =>
    `[Service]\nExecStart=/bin/sleep ${seconds}\n[Install]\nWantedBy=multi-user.target\n`
  const service = (content: string) => [
    file({ path, content }),
    unit({ name: 'lab-sleep.service', enabled: true, active: true, files: [{ path, content }] }),
  ]
  const running = () => kube1.sh('systemctl is-enabled lab-sleep; pgrep -a -x sleep')

  test('a unit is started, and restarted when its file changes, also when the run died between the two', async () => {
    const machine = kube1.asMachine()
    expect((await converge(machine, service(sleeping(1001)))).again).toEqual([])
    expect(await running()).toMatch(/^enabled\n\d+ \/bin\/sleep 1001\n$/)
    const { changes, again } = await converge(machine, service(sleeping(1002)))
    expect(changes.map(({ title }) => title)).toEqual([
      `kube1: update ${path}`,
      'kube1: restart lab-sleep.service',
    ])
    expect(again).toEqual([])
    await kube1.sh('sleep 1')
    await converge(machine, service(sleeping(1003)).slice(0, 1))
    expect((await converge(machine, service(sleeping(1003)))).changes.map(({ title }) => title)).toEqual([
      'kube1: restart lab-sleep.service',
    ])
    expect(await running()).toMatch(/sleep 1003\n$/)
    const off = [unit({ name: 'lab-sleep.service', enabled: false, active: false })]
    expect((await converge(machine, off)).again).toEqual([])
  })

  test('users, groups and mounts are made once', async () => {
    const resources = [
      group({ name: 'keys', system: true }),
      user({
        name: 'keys',
        system: true,
        home: '/nonexistent',
        shell: '/usr/sbin/nologin',
        groups: ['keys'],
      }),
      ...mount({ device: 'tmpfs', path: '/srv/a b', type: 'tmpfs', options: 'size=1M' }),
    ]
    const { changes, again } = await converge(kube1.asMachine(), resources)
    expect(changes).toHaveLength(4)
    expect(again).toEqual([])
    expect(await kube1.sh("id -gn keys; findmnt -n -o FSTYPE '/srv/a b'")).toBe('keys\ntmpfs\n')
  })
})

describe('A05 a run that is killed with -9', () => {
  test('right after each of its changes ends as one that nobody interrupted', async () => {
    await freshAgain()
    expect(await killAtEveryStep(lab, { args, kills: ['done'] })).toBe(changes.length)
    expect(await fingerprint(kube1)).toBe(prepared)
  }, 400_000)

  test('in the middle of its changes ends so too', async () => {
    await freshAgain()
    expect(await killAtEveryStep(lab, { args, kills: [5, 60, 150, 400, 1000] })).toBeGreaterThan(
      changes.length - 3,
    )
    expect(await fingerprint(kube1)).toBe(prepared)
  }, 400_000)
})
