import { describe, expect, it, test } from 'vitest'
import { kernelModules } from '../../tasks/lib/node/system/kernel-modules.ts'
import { mount } from '../../tasks/lib/node/system/mount.ts'
import { packages } from '../../tasks/lib/node/system/packages.ts'
import { swapOff } from '../../tasks/lib/node/system/swap.ts'
import { parameterPath, sysctl } from '../../tasks/lib/node/system/sysctl.ts'
import { unit } from '../../tasks/lib/node/system/unit.ts'
import { group, user } from '../../tasks/lib/node/system/users.ts'
import { planFor } from '../support/machines.ts'

const get =
  'apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold --no-install-recommends --no-remove'

describe('packages', () => {
  const clean = 'audit 0\nupdates 0\n'
  const plan = (stdout: string, wanted: Parameters<typeof packages>[0] = ['lvm2', 'xfsprogs']) =>
    planFor(packages(wanted), stdout)

  it('that are installed ask for nothing', () => {
    expect(plan(`lvm2 install installed 2.03\nxfsprogs hold installed 6.1\n${clean}`)).toEqual([])
  })

  it('that are missing, or removed but for their files, are installed by one command', () => {
    const actions = plan(`lvm2 deinstall config-files 2.03\n${clean}`)
    expect(actions).toMatchObject([{ action: 'create', title: 'install lvm2, xfsprogs' }])
    expect(actions[0]!.commands).toEqual([
      'export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l',
      `if ! ${get} install lvm2 xfsprogs\nthen apt-get -q -o DPkg::Lock::Timeout=300 update\n${get} install lvm2 xfsprogs\nfi`,
    ])
  })

  it('whose installation was interrupted are finished first, by an action of its own', () => {
    const left = 'lvm2 install half-configured 2.03\nxfsprogs install installed 6.1\naudit 4\nupdates 0\n'
    expect(plan(left).map(({ title }) => title)).toEqual([
      'finish the installation of packages that was interrupted',
      'install lvm2',
    ])
    expect(plan('lvm2 install installed 1\nxfsprogs install installed 1\naudit 0\nupdates 2\n')).toHaveLength(
      1,
    )
  })

  it('of one version are kept at it', () => {
    const wanted = [{ name: 'kubelet', version: '1.36.3-1.1', hold: true }]
    const old = plan(`kubelet hold installed 1.35.1-1.1\n${clean}`, wanted)
    expect(old).toMatchObject([{ before: ['kubelet 1.35.1-1.1'], after: ['kubelet 1.36.3-1.1'] }])
    expect(old[0]!.commands[1]).toContain('--allow-change-held-packages install kubelet=1.36.3-1.1')
    const loose = plan(`kubelet install installed 1.36.3-1.1\n${clean}`, wanted)
    expect(loose.map(({ commands }) => commands)).toEqual([['apt-mark hold kubelet']])
  })

  it('are refused on a system of another kind', () => {
    expect(plan('no-dpkg\n')[0]!.blocked!.message).toBe(
      'it has no dpkg: only Debian, Ubuntu and their kin can be prepared',
    )
  })

  it('that dpkg cannot tell of are an error', () => {
    expect(() => planFor(packages(['a']), '', { exitCode: 127, stderr: 'find: not found' })).toThrow(
      'its state cannot be read: exit code 127\nfind: not found',
    )
  })
})

describe('kernel modules', () => {
  const [boot, now] = kernelModules({
    names: ['overlay', 'dm_crypt'],
    path: '/etc/modules-load.d/tasks.conf',
  })

  it('that are loaded or built in hold', () => {
    expect(planFor(now!, 'overlay built-in\ndm_crypt loaded\n')).toEqual([])
    expect(boot!.target).toBe('file /etc/modules-load.d/tasks.conf')
  })

  it('that are not loaded are', () => {
    expect(planFor(now!, 'overlay available\ndm_crypt loaded\n')).toMatchObject([
      { title: 'load kernel modules overlay', commands: ['modprobe -a -- overlay'] },
    ])
  })

  it('that the kernel does not have block the plan', () => {
    expect(
      planFor(now!, 'overlay loaded\ndm_crypt missing\n').map(({ blocked }) => blocked?.message),
    ).toEqual(['its kernel has no module dm_crypt'])
  })
})

describe('kernel parameters', () => {
  const values = { 'net.ipv4.ip_forward': '1', 'net.ipv4.tcp_rmem': '4096 131072 6291456' }
  const now = sysctl({ values, path: '/etc/sysctl.d/99-tasks.conf' })[1]!

  it('hold whatever blanks are between their fields', () => {
    expect(planFor(now, 'net.ipv4.ip_forward = 1\nnet.ipv4.tcp_rmem = 4096\t131072  6291456\n')).toEqual([])
  })

  it('that differ, or that come with a module, are set', () => {
    expect(planFor(now, 'net.ipv4.ip_forward = 0\nnet.ipv4.tcp_rmem = absent\n')).toEqual([
      {
        action: 'update',
        title: 'set 2 kernel parameters',
        before: ['net.ipv4.ip_forward = 0'],
        after: ['net.ipv4.ip_forward = 1', 'net.ipv4.tcp_rmem = 4096 131072 6291456'],
        commands: [
          'sysctl -q -w net.ipv4.ip_forward=1',
          "sysctl -q -w 'net.ipv4.tcp_rmem=4096 131072 6291456'",
        ],
      },
    ])
  })

  test.each([
    ['net.ipv4.ip_forward', '/proc/sys/net/ipv4/ip_forward'],
    ['net.ipv4.conf.eth0/1.rp_filter', '/proc/sys/net/ipv4/conf/eth0.1/rp_filter'],
    ['net/ipv4/conf/eth0.1/rp_filter', '/proc/sys/net/ipv4/conf/eth0.1/rp_filter'],
  ])('%s is %s', (key, path) => {
    expect(parameterPath(key)).toBe(path)
  })
})

describe('swap', () => {
  const plan = (stdout: string) => planFor(swapOff(), stdout)

  it('that is off everywhere asks for nothing', () => {
    expect(plan('target masked\nzramswap \n')).toEqual([])
    expect(plan('')).toEqual([])
  })

  it('is ended, kept out of fstab by a comment, and kept from coming back by units', () => {
    const line = 'UUID=a-b none swap sw 0 0'
    const actions = plan(
      `active /swap\\040file file 1024 0 -2\nfstab ${line}\ntarget static\nzramswap enabled\n`,
    )
    expect(actions.map(({ title, commands }) => [title, commands.at(-1)])).toEqual([
      ['comment out swap in /etc/fstab', 'sync -- /etc'],
      ['disable zramswap.service', 'systemctl disable --now zramswap.service'],
      ['keep units from starting swap at boot', 'systemctl mask --no-reload swap.target'],
      ['end swap on /swap file', "swapoff -- '/swap file'"],
    ])
    expect(actions[0]).toMatchObject({ before: [line], after: [`# swap is off: ${line}`] })
    expect(actions[0]!.commands[1]).toBe(
      "sed -e 's|^UUID=a-b none swap sw 0 0$|# swap is off: UUID=a-b none swap sw 0 0|' -- /etc/fstab >/etc/.fstab.next",
    )
  })
})

describe('a unit', () => {
  const name = 'web.service'
  const state = (active: string, enabled: string, more = '') =>
    `LoadState=loaded\nActiveState=${active}\nUnitFileState=${enabled}\nNeedDaemonReload=no\n${more}`
  const verbs = (options: Partial<Parameters<typeof unit>[0]>, stdout: string) =>
    planFor(unit({ name, ...options }), stdout).map(({ title, commands }) => [title, commands])
  const on = { enabled: true, active: true }
  // enable, disable and unmask have systemd read its units again by themselves.
  const again = 'systemctl daemon-reload'

  test.each<[string, Partial<Parameters<typeof unit>[0]>, string, unknown[]]>([
    ['as wanted asks for nothing', on, state('active', 'enabled'), []],
    ['that others pull in need not be enabled', on, state('active', 'static'), []],
    ['of which nothing is wanted is left alone', {}, state('failed', 'disabled'), []],
    [
      'is enabled and started',
      on,
      state('inactive', 'disabled'),
      [
        [
          'enable and start web.service',
          ['systemctl enable -- web.service', 'systemctl start -- web.service'],
        ],
      ],
    ],
    [
      'that is not there yet is too',
      on,
      'LoadState=not-found\nActiveState=inactive\nUnitFileState=\nNeedDaemonReload=no\n',
      [
        [
          'enable and start web.service',
          ['systemctl enable -- web.service', 'systemctl start -- web.service'],
        ],
      ],
    ],
    [
      'is unmasked before',
      on,
      'LoadState=masked\nActiveState=inactive\nUnitFileState=masked\nNeedDaemonReload=no\n',
      [
        [
          'unmask and enable and start web.service',
          [
            'systemctl unmask -- web.service',
            'systemctl enable -- web.service',
            'systemctl start -- web.service',
          ],
        ],
      ],
    ],
    [
      'is stopped and disabled',
      { enabled: false, active: false },
      state('active', 'enabled'),
      [
        [
          'disable and stop web.service',
          ['systemctl disable -- web.service', 'systemctl stop -- web.service'],
        ],
      ],
    ],
    [
      'whose files changed is restarted',
      on,
      state('active', 'enabled', 'Changed=yes\n'),
      [['restart web.service', [again, 'systemctl restart -- web.service']]],
    ],
    [
      'whose files changed is told to read them where that is enough',
      { ...on, onChange: 'reload' },
      state('active', 'enabled', 'Changed=yes\n'),
      [['reload web.service', [again, 'systemctl reload -- web.service']]],
    ],
    [
      'that is to be started, not restarted',
      on,
      state('failed', 'enabled', 'Changed=yes\n'),
      [['start web.service', [again, 'systemctl start -- web.service']]],
    ],
    [
      'that nobody may wait for is only asked for',
      { ...on, waits: false },
      state('inactive', 'enabled'),
      [['start web.service', [again, 'systemctl start --no-block -- web.service']]],
    ],
    [
      'that systemd has read before its last change is read again',
      {},
      state('active', 'enabled').replace('Reload=no', 'Reload=yes'),
      [['have systemd read web.service again', [again]]],
    ],
  ])('%s', (_, options, stdout, expected) => {
    expect(verbs(options, stdout)).toEqual(expected)
  })
})

describe('users and groups', () => {
  it('that nobody knows are made', () => {
    expect(planFor(group({ name: 'keys', system: true }), '', { exitCode: 2 })[0]!.commands).toEqual([
      'groupadd --system -- keys',
    ])
    const wanted = user({
      name: 'key',
      system: true,
      home: '/nonexistent',
      shell: '/usr/sbin/nologin',
      groups: ['keys'],
    })
    expect(planFor(wanted, '', { exitCode: 2 })[0]!.commands).toEqual([
      'useradd --system -d /nonexistent --shell /usr/sbin/nologin --groups keys -- key',
    ])
  })

  it('of one name go together', () => {
    const wanted = user({ name: 'key', system: true, groups: ['key', 'disk'] })
    expect(planFor(wanted, '', { exitCode: 2 })[0]!.commands).toEqual([
      'useradd --system --gid key --groups disk -- key',
    ])
  })

  it('that are there are mended, and nothing is taken from them', () => {
    const wanted = user({ name: 'key', shell: '/usr/sbin/nologin', groups: ['keys'] })
    const entry = (shell: string) => `key:x:990:990::/home/key:${shell}\n`
    expect(planFor(wanted, `${entry('/usr/sbin/nologin')}key keys extra\n`)).toEqual([])
    expect(planFor(wanted, `${entry('/bin/sh')}key extra\n`)[0]!.commands).toEqual([
      'usermod --append --shell /usr/sbin/nologin --groups keys -- key',
    ])
  })

  it('that cannot be asked for are an error, and not made', () => {
    expect(() =>
      planFor(group({ name: 'keys' }), '', { exitCode: 127, stderr: 'getent: not found' }),
    ).toThrow('getent: not found')
  })
})

describe('a mount', () => {
  const [line, now] = mount({ device: '/dev/vg0/my data', path: '/srv/my data', type: 'ext4' })

  it('stands in fstab with its blanks written as fstab wants them', () => {
    expect(line!.target).toBe('line /dev/vg0/my\\040data /srv/my\\040data ext4 defaults 0 0 in /etc/fstab')
    const other = '/dev/sdb1 /srv/my\\040data xfs noatime 0 0'
    expect(planFor(line!, `file 644 root:root 0:0\n# x\n${other}\n`)).toMatchObject([
      { before: ['# x', other], after: ['# x', '/dev/vg0/my\\040data /srv/my\\040data ext4 defaults 0 0'] },
    ])
  })

  it('is made at an empty or missing directory, checked again right before', () => {
    for (const stdout of ['absent\n', 'entries 0\n']) {
      const [action] = planFor(now!, stdout)
      expect(action!.blocked).toBeUndefined()
      expect(action!.commands[1]).toContain(`if test -n "$(ls -A -- '/srv/my data')"; then`)
    }
  })

  it('that is made holds, by whatever name its device has', () => {
    expect(planFor(now!, 'mounted /dev/dm-1\nUUID=1\n/dev/mapper/x\n/dev/dm-1\n')).toEqual([])
  })

  it('over what is there already, or of something else, is refused', () => {
    const reason = (stdout: string) => planFor(now!, stdout)[0]!.blocked!.message
    expect(reason('entries 3\n')).toContain('has 3 entries, which the mount would hide')
    expect(reason('mounted /dev/dm-1\nUUID=1\n/dev/sdb1\n/dev/sdb1\n')).toBe(
      '/dev/sdb1 is mounted at /srv/my data',
    )
  })
})
