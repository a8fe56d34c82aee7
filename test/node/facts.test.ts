import { describe, expect, test } from 'vitest'
import { readDiskLatency } from '../../tasks/lib/node/facts/disk-latency.ts'
import { clockText, isClockOff, remarks } from '../../tasks/lib/node/facts/facts-text.ts'
import { readFacts } from '../../tasks/lib/node/facts/read-facts.ts'

const answer = `clock\t1700000000.250000000
hostname\tkube1
machine-id\t3d1219c7c4c5404aaa1f6d2a48adfda4
boot-id\t1fe6466c-8c19-4825-8dda-b37ee85a8c29
os\tDebian GNU/Linux 12 (bookworm)
os-id\tdebian
os-version\t12
kernel\t6.1.0-32-amd64
architecture\tx86_64
cpus\t4
cgroup\tcgroup2fs
memory-kib\t8000000
swap\t/dev/dm-1
swap\t/swapfile
uptime\t86400.5
reboot-required\tyes
clock-service\tchrony
clock-synchronized\tyes
module-loaded\toverlay
module-builtin\tkernel/drivers/net/vxlan/vxlan.ko
module-dep\tkernel/drivers/md/dm-crypt.ko.xz
disk\tNAME="sda" SIZE="512110190592" ROTA="0" TYPE="disk" FSTYPE=""
disk\tNAME="sdb" SIZE="4000787030016" ROTA="1" TYPE="disk" FSTYPE="LVM2_member"
disk\tNAME="sr0" SIZE="1073741312" ROTA="1" TYPE="rom" FSTYPE=""
volume-group\tvg0 4000783007744 1000000000000
address\t192.168.1.11
address\tfd00::11
user\talice
runtime\tcontainerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1
kubelet\tKubernetes v1.36.3
clock\t1700000000.350000000
`
const heard = { beganAt: 1_700_000_000_260, endedAt: 1_700_000_000_400 }

describe('facts', () => {
  test('are read from what a machine prints', () => {
    expect(readFacts(answer, heard)).toEqual({
      hostname: 'kube1',
      machineId: '3d1219c7c4c5404aaa1f6d2a48adfda4',
      bootId: '1fe6466c-8c19-4825-8dda-b37ee85a8c29',
      os: { name: 'Debian GNU/Linux 12 (bookworm)', id: 'debian', version: '12' },
      kernel: '6.1.0-32-amd64',
      architecture: 'x86_64',
      cpus: 4,
      memoryBytes: 8_192_000_000,
      swap: ['/dev/dm-1', '/swapfile'],
      cgroup: 2,
      uptimeSeconds: 86_400.5,
      rebootRequired: true,
      clock: { aheadSeconds: -0.01, uncertainSeconds: 0.14, isSynchronized: true, service: 'chrony' },
      disks: [
        { name: 'sda', bytes: 512_110_190_592, isRotating: false },
        { name: 'sdb', bytes: 4_000_787_030_016, isRotating: true, signature: 'LVM2_member' },
      ],
      volumeGroups: [{ name: 'vg0', bytes: 4_000_783_007_744, freeBytes: 1_000_000_000_000 }],
      modules: {
        br_netfilter: 'missing',
        overlay: 'loaded',
        nf_conntrack: 'missing',
        dm_crypt: 'available',
        dm_mod: 'missing',
        ip_vs: 'missing',
        vxlan: 'loaded',
      },
      addresses: ['192.168.1.11', 'fd00::11'],
      users: ['alice'],
      runtime: 'containerd 1.6.20~ds1',
      kubelet: '1.36.3',
    })
  })

  test('that are cut off are an error', () => {
    expect(() => readFacts(answer.slice(0, -60), heard)).toThrow('the facts of a machine could not be read')
  })

  test('name what should be looked at', () => {
    expect(remarks(readFacts(answer, heard))).toEqual(['needs a reboot', 'swap is on'])
  })
})

describe('a clock', () => {
  test('is off only where that is sure', () => {
    expect(isClockOff({ aheadSeconds: 1.4, uncertainSeconds: 0.5 })).toBe(false)
    expect(isClockOff({ aheadSeconds: -1.6, uncertainSeconds: 0.5 })).toBe(true)
  })

  test('is said to be ahead or behind', () => {
    const facts = readFacts(answer, { beganAt: heard.beganAt - 42_000, endedAt: heard.endedAt - 42_000 })
    expect(clockText(facts.clock)).toBe('clock 42s ahead')
  })
})

describe('the latency of writes', () => {
  test('is read from runs of dd', () => {
    const line = (seconds: string) => `2300 bytes (2.3 kB, 2.2 KiB) copied, ${seconds} s, 1.9 MB/s\n`
    const lines = `${line('0.001').repeat(197)}${line('0.02').repeat(3)}`
    expect(readDiskLatency(lines)).toEqual({ p99Milliseconds: 20, writes: 200 })
  })

  test('is not made up where most runs failed', () => {
    expect(() => readDiskLatency('dd: No space left on device\n')).toThrow(
      'writes in /var/lib/etcd could not be measured: dd: No space left on device',
    )
  })
})
