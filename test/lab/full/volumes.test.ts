import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adoptedVolume } from '../../../tasks/lib/node/volumes/adopt.ts'
import { formatVolume } from '../../../tasks/lib/node/volumes/commands/format.ts'
import { applyResources, changesOf } from '../../support/apply-resources.ts'
import { type Lab, openLab } from '../../support/lab.ts'
import type { LabMachine } from '../../support/lab-machine.ts'
import { labKey, labVolume, removal, volumesOn } from '../../support/lab-volumes.ts'
import { type Signature, signatureScript, signatures } from '../../support/signatures.ts'

let lab: Lab
let kube1: LabMachine
let volumes: ReturnType<typeof volumesOn>
const data = labVolume({ name: 'data', owner: 'ops:1000' })

beforeAll(async () => {
  lab = await openLab({ machines: [{ name: 'kube1', disks: ['600M'] }] })
  kube1 = lab.machine('kube1')
  volumes = volumesOn(kube1)
  await kube1.sh('vgcreate -q vg0 /dev/ubdb; head -c 64 /dev/urandom >/run/volume-key')
})
afterAll(() => lab?.close())

const luks = 'cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000'

/** The disk and all of /etc. */
function everything(): Promise<string> {
  return kube1.sh(
    "sync; sha256sum /dev/ubdb; find /etc -xdev \\( -type f -exec sha256sum {} + \\) -o -printf '%M %u:%g %p %l %T@\\n' | sort",
  )
}

test('A04 the plan of a volume changes nothing, on the disk and in /etc', async () => {
  const before = await everything()
  expect(await volumes.titles(data)).toEqual([
    'kube1: create logical volume vg0/data',
    'kube1: format logical volume vg0/data with LUKS',
    'kube1: open logical volume vg0/data as luks-data',
    'kube1: make file system ext4 in /dev/mapper/luks-data',
    'kube1: make /srv/data a mount point that cannot be written to while it is empty',
    'kube1: write the line of /srv/data into /etc/fstab',
    'kube1: mount /dev/mapper/luks-data at /srv/data',
    'kube1: give /srv/data to ops:1000',
  ])
  expect(await everything()).toBe(before)
})

describe('A03 a volume that is made', () => {
  test('is mounted, owned, and cannot be written to while it is closed', async () => {
    expect(await volumes.apply(data)).toHaveLength(8)
    expect(await kube1.sh('findmnt -n -o SOURCE,FSTYPE /srv/data; stat -c %u:%g /srv/data')).toBe(
      '/dev/mapper/luks-data ext4\n1000:1000\n',
    )
    await kube1.sh('umount /srv/data')
    expect((await kube1.try('touch /srv/data/file')).stderr).toContain('Operation not permitted')
    await kube1.sh('mount /srv/data; echo kept >/srv/data/file')
  })

  test('needs nothing a second time', async () => {
    expect(await volumes.titles(data)).toEqual([])
  })

  test('is opened and mounted again after the power was cut, its data kept', async () => {
    await kube1.sh('sync')
    const key = await kube1.sh('base64 -w0 /run/volume-key')
    await kube1.powerCut()
    await kube1.start()
    await kube1.sh('base64 -d >/run/volume-key', { input: key })
    expect(await volumes.apply(data)).toEqual([
      'kube1: open logical volume vg0/data as luks-data',
      'kube1: mount /dev/mapper/luks-data at /srv/data',
      'kube1: give /srv/data to ops:1000',
      'kube1: extend file system ext4 at /srv/data',
    ])
    expect(await kube1.sh('cat /srv/data/file')).toBe('kept\n')
  })

  describe('that its machine opens itself', () => {
    const closed = 'umount -q /srv/data || :; [ ! -b /dev/mapper/luks-data ] || cryptsetup close luks-data'
    const opens = 'cryptsetup open --type luks --key-file /run/volume-key /dev/vg0/data luks-data'

    test.each<[string, { first?: string; beside?: string }]>([
      ['before the run does', { first: opens }],
      ['in the same moment', { beside: `${opens} 2>/dev/null & :` }],
      ['and mounts too', { first: `${opens}; mount /srv/data` }],
    ])('%s is taken as it is', async (_, { first = ':', beside = ':' }) => {
      await kube1.sh(closed)
      const [open, mount] = await volumes.actions(data)
      await kube1.sh(first)
      await volumes.runPart({ ...open!, commands: [beside, ...open!.commands] }, Infinity)
      await volumes.runPart(mount!, Infinity)
      expect(await kube1.sh('cat /srv/data/file')).toBe('kept\n')
      expect(await volumes.titles(data)).toEqual([])
    })

    test('is waited for by the plan while its machine does', async () => {
      await kube1.sh(closed)
      const boots = `sleep 3; ${opens}; sleep 1; mount /srv/data`
      await kube1.sh(
        `systemd-run --quiet --no-block --unit metaltasks-volumes --service-type oneshot sh -c '${boots}'`,
      )
      expect(await volumes.titles(data)).toEqual([])
    })

    test('under a name that something else has is refused', async () => {
      await kube1.sh(closed)
      const [open] = await volumes.actions(data)
      await kube1.sh('dmsetup create luks-data --table "0 8 zero"')
      await expect(volumes.runPart(open!, Infinity)).rejects.toThrow('was not opened with the header')
      await kube1.sh('dmsetup remove luks-data')
      await volumes.apply(data)
    })
  })
})

test('A04 a damaged header is not repaired by a plan', async () => {
  await kube1.sh(
    'umount /srv/data; cryptsetup close luks-data; printf damage | dd of=/dev/vg0/data bs=1 seek=5000 conv=notrunc,fsync',
  )
  const before = await everything()
  expect(await volumes.titles(data)).toEqual([
    'kube1: one of the two copies of the LUKS header of vg0/data is damaged',
  ])
  expect(await everything()).toBe(before)
  await kube1.sh('cryptsetup luksDump /dev/vg0/data >/dev/null')
  await volumes.apply(data)
})

describe('A06 a logical volume that somebody else made', () => {
  const old = labVolume({ name: 'old', filesystem: 'xfs', size: '320Mi' })

  test('is refused with the command that takes it over, which changes its tags alone', async () => {
    await kube1.sh(`lvcreate -q -n old -L 320M vg0 && ${luks} --key-file /run/volume-key /dev/vg0/old
      cryptsetup open --key-file /run/volume-key /dev/vg0/old luks-old && mkfs.xfs -q /dev/mapper/luks-old
      mkdir -p /srv/old; mount /dev/mapper/luks-old /srv/old; echo theirs >/srv/old/file
      echo '/dev/mapper/luks-old /srv/old xfs _netdev,noauto 0 0' >>/etc/fstab; sync`)
    const [change] = await volumes.changes(old)
    expect(change?.blocked).toMatchObject({
      message:
        'kube1: vg0/old is there already, and not made by this: it holds crypto_LUKS, opened as luks-old',
      hint: 'to take it over as it is: tasks volumes:adopt old',
    })
    const header = 'head -c 16M /dev/vg0/old | sha256sum'
    const bytes = await kube1.sh(header)
    const step = {
      name: 'adopt',
      title: 'adopt',
      work: [{ machine: kube1.asMachine(), resources: [adoptedVolume(old)] }],
    }
    expect(await applyResources([step])).toEqual(['kube1: take over logical volume vg0/old as it is'])
    expect(await changesOf([step])).toEqual([])
    expect(await kube1.sh(header)).toBe(bytes)
  })

  test('is then used as it is: no format, its data kept', async () => {
    expect(await volumes.apply(old)).toEqual([
      'kube1: keep the folder below /srv/old from being written to while nothing is mounted there',
      'kube1: write the line of /srv/old into /etc/fstab',
    ])
    expect(await kube1.sh('cat /srv/old/file; grep old /etc/fstab')).toBe(
      'theirs\n/dev/mapper/luks-old /srv/old xfs noauto,nofail 0 0\n',
    )
    expect(await volumes.titles(old)).toEqual([])
  })
})

test('A07 a volume whose space holds an old LUKS header is not made, and the header not wiped', async () => {
  const fresh = labVolume({ name: 'fresh' })
  await kube1.sh(`lvcreate -q -n gone -L 40M vg0 && ${luks} --key-file /run/volume-key /dev/vg0/gone
    lvremove -q -y vg0/gone; sync`)
  await expect(volumes.apply(fresh)).rejects.toThrow(
    /exit code 5\n(.|\n)*crypto_LUKS signature detected(.|\n)*nothing was made/,
  )
  expect(await kube1.sh('lvs --noheadings vg0/fresh || true')).toBe('')
  await kube1.sh('lvcreate -q -n fresh -L 40M -Wn -Zn vg0')
  expect(await kube1.sh('blkid -p -s TYPE -o value /dev/vg0/fresh')).toBe('crypto_LUKS\n')
  await kube1.sh(removal(fresh))
})

test('A08 a volume that is smaller in the configuration stays as it is', async () => {
  expect(await volumes.titles({ ...data, size: '32Mi', bytes: 2 ** 25 })).toEqual([
    'kube1: vg0/data has 40Mi, the configuration says 32Mi: volumes never shrink',
  ])
})

describe('B01 a volume that should be empty', () => {
  const victim = labVolume({ name: 'victim', size: '24Mi' })
  const tag = 'metaltasks.luks=11111111-2222-4333-8444-555555555555'

  test.each(Object.keys(signatures) as Signature[])(
    'is left alone with %s on it, by the plan and by the commands',
    async (kind) => {
      await kube1.sh(
        `lvcreate -q -n victim -L 24M --addtag ${tag} vg0 </dev/null && ${signatureScript(kind, '/dev/vg0/victim')} >/dev/null && sync`,
      )
      const before = await kube1.sh('sha256sum /dev/vg0/victim')
      const [planned] = await volumes.titles(victim)
      expect(planned).toMatch(
        /^kube1: vg0\/victim ((holds|is in use by) .*: nothing is done to it|has the LUKS header)/,
      )
      const { commands } = formatVolume(victim, { key: labKey })
      const ran = await kube1.try(`set -eu\n${commands.join('\n')}`)
      expect([ran.exitCode, ran.stderr]).toEqual([
        1,
        expect.stringMatching(/refused: ((blkid|wipefs) sees something|\/dev\/vg0\/victim is in use)/),
      ])
      expect(await kube1.sh('sha256sum /dev/vg0/victim')).toBe(before)
      await kube1.sh(removal(victim))
    },
  )
})

describe('a volume that was formatted', () => {
  const lost = labVolume({ name: 'lost' })

  test('B03 is not formatted again when ext4 lies over its header', async () => {
    await volumes.apply(lost)
    await kube1.sh(
      'umount /srv/lost; cryptsetup close luks-lost; truncate -s 40M /run/e; mkfs.ext4 -q /run/e; dd if=/run/e of=/dev/vg0/lost bs=4096 count=1 conv=notrunc,fsync; rm /run/e',
    )
    const before = await kube1.sh('sha256sum /dev/vg0/lost')
    const [change] = await volumes.changes(lost)
    expect(change?.blocked).toMatchObject({
      message: 'kube1: vg0/lost holds ext4 over a LUKS header: nothing is done to it',
      hint: 'tasks volumes:header-backup --restore lost',
    })
    expect(await kube1.sh('sha256sum /dev/vg0/lost')).toBe(before)
  })

  test('B04 is not formatted again when nothing can be seen of it', async () => {
    await kube1.sh('dd if=/dev/zero of=/dev/vg0/lost bs=1M count=1 conv=notrunc,fsync')
    const [change] = await volumes.changes(lost)
    expect(change?.blocked?.message).toBe(
      'kube1: a record says that vg0/lost was formatted, but its LUKS header is gone',
    )
    const { commands } = formatVolume(lost, { key: labKey })
    const ran = await kube1.try(`set -eu\n${commands.join('\n')}`)
    expect([ran.exitCode, ran.stderr]).toEqual([1, 'refused: a record says that vg0/lost was formatted\n'])
    await kube1.sh(removal(lost))
  })
})

describe('B06 a format that was killed midway', () => {
  const killed = labVolume({ name: 'killed' })

  test('goes on with the UUID of its record, and is left alone with another', async () => {
    const [create] = await volumes.changes(killed)
    await create!.run({ say: () => {}, signal: new AbortController().signal })
    const uuid = await kube1.sh("lvs --noheadings -o lv_tags vg0/killed | sed 's/.*luks=//'")
    await kube1.sh(`${luks.replace('--pbkdf pbkdf2 --pbkdf-force-iterations 1000', '--pbkdf argon2id --pbkdf-memory 32768 --iter-time 60000')} --uuid ${uuid.trim()} --key-file /run/volume-key /dev/vg0/killed & pid=$!
      until blkid -p /dev/vg0/killed >/dev/null; do sleep 0.1; done; kill -9 $pid; wait $pid || true`)
    expect(
      await kube1.sh('cryptsetup luksDump --dump-json-metadata /dev/vg0/killed | tr -d "\\n\\t "'),
    ).toContain('"keyslots":{}')
    await kube1.sh(
      `lvchange -q --addtag metaltasks.luks=11111111-2222-4333-8444-555555555555 --deltag metaltasks.luks=${uuid.trim()} vg0/killed`,
    )
    expect(await volumes.titles(killed)).toEqual([
      expect.stringContaining(`has the LUKS header ${uuid.trim()}`),
    ])
    await kube1.sh(
      `lvchange -q --deltag metaltasks.luks=11111111-2222-4333-8444-555555555555 --addtag metaltasks.luks=${uuid.trim()} vg0/killed`,
    )
    expect((await volumes.apply(killed))[0]).toBe(
      'kube1: format logical volume vg0/killed with LUKS again: an earlier run was interrupted',
    )
    expect(await volumes.titles(killed)).toEqual([])
    await kube1.sh(removal(killed))
  })
})

test('B17 a volume opens with less than 64 MiB of memory', async () => {
  await kube1.sh('umount /srv/data; cryptsetup close luks-data')
  // The limit is on addresses, of which a program uses more than of memory.
  await kube1.sh(
    'ulimit -v 65536; cryptsetup open --key-file /run/volume-key /dev/vg0/data luks-data; mount /srv/data',
  )
})
