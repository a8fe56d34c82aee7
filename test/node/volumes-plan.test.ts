import { describe, expect, test } from 'vitest'
import { planVolume } from '../../tasks/lib/node/volumes/plan/volume-plan.ts'
import type { VolumeState } from '../../tasks/lib/node/volumes/state/volume-state.ts'
import type { Volume } from '../../tasks/lib/node/volumes/volume.ts'
import {
  changed,
  createdState,
  emptyState,
  filesystemUuid,
  filledState,
  formattedState,
  luksUuid,
  openedState,
  sampleVolume,
  wholeState,
} from '../support/volume-states.ts'

const key = { read: 'volume-key data' }

function planned(state: VolumeState, fields: Partial<Volume> = {}) {
  return planVolume({ state, volume: sampleVolume(fields), key })
}

function titles(state: VolumeState, fields: Partial<Volume> = {}): string[] {
  return planned(state, fields).actions.map(({ title, blocked }) =>
    blocked ? `refused: ${blocked.message}` : title,
  )
}

function hints(state: VolumeState, fields: Partial<Volume> = {}): (string | undefined)[] {
  return planned(state, fields).actions.map(({ blocked }) => blocked?.hint)
}

const create = 'create logical volume vg0/data'
const extend = 'extend logical volume vg0/data'
const format = 'format logical volume vg0/data with LUKS'
const resume = 'format logical volume vg0/data with LUKS again: an earlier run was interrupted'
const record = 'record that logical volume vg0/data is formatted'
const open = 'open logical volume vg0/data as luks-data'
const makeFilesystem = 'make file system ext4 in /dev/mapper/luks-data'
const folder = 'make /srv/data a mount point that cannot be written to while it is empty'
const protect = 'keep the folder below /srv/data from being written to while nothing is mounted there'
const fstab = 'write the line of /srv/data into /etc/fstab'
const mount = 'mount /dev/mapper/luks-data at /srv/data'
const resize = 'extend /dev/mapper/luks-data to the size of its logical volume'
const grow = 'extend file system ext4 at /srv/data'

describe('a volume is made from what is there', () => {
  test.each<[string, VolumeState, string[]]>([
    ['nothing', emptyState(), [create, format, open, makeFilesystem, folder, fstab, mount]],
    [
      'a logical volume that an earlier run made',
      createdState(),
      [format, open, makeFilesystem, folder, fstab, mount],
    ],
    [
      'B06: a header of the recorded UUID without keyslots',
      changed(formattedState(), {
        logical: createdState().logical,
        content: { luks: luks({ keyslots: 0 }) },
      }),
      [resume, open, makeFilesystem, folder, fstab, mount],
    ],
    [
      'a header that was whole when its run ended before it said so',
      changed(formattedState(), { logical: createdState().logical }),
      [record, open, makeFilesystem, folder, fstab, mount],
    ],
    ['B07: a header, and no file system yet', formattedState(), [open, makeFilesystem, folder, fstab, mount]],
    ['B07: the same, opened', openedState(), [makeFilesystem, folder, fstab, mount]],
    [
      'B07: a file system whose run ended before it said so',
      changed(filledState(), { logical: recorded({ isLuksMade: true, filesystem: filesystemUuid }) }),
      [makeFilesystem, folder, fstab, mount],
    ],
    ['a file system that is not mounted', filledState(), [folder, fstab, mount]],
    [
      'B07: a file system in a closed volume',
      changed(filledState(), { opened: undefined }),
      [open, folder, fstab, mount, grow],
    ],
    ['all of it', wholeState(), []],
    [
      'a folder that can be written to',
      changed(filledState(), { mount: { folder: 'directory', isImmutable: false } }),
      [folder, fstab, mount],
    ],
    [
      'a folder on a file system without attributes',
      changed(filledState(), { mount: { folder: 'directory', isImmutable: undefined } }),
      [fstab, mount],
    ],
    [
      'a mount over a folder that can be written to',
      changed(wholeState(), { mount: { isImmutable: false } }),
      [protect],
    ],
    ['a mount without its line in fstab', changed(wholeState(), { mount: { fstab: [] } }), [fstab]],
    [
      'a line of fstab that would mount at boot',
      changed(wholeState(), { mount: { fstab: ['/dev/mapper/luks-data /srv/data ext4 noatime 0 2'] } }),
      [fstab],
    ],
    [
      "a line of fstab with another hand's options",
      changed(wholeState(), {
        mount: { fstab: ['/dev/mapper/luks-data /srv/data ext4 noatime,noauto,nofail 0 0'] },
      }),
      [],
    ],
  ])('from %s', (_, state, expected) => {
    expect(titles(state)).toEqual(expected)
  })

  test('quotas are switched on for file systems of our own that can have them', () => {
    const lineOf = (state: VolumeState) =>
      planned(state).actions.find(({ title }) => title === fstab)?.after?.[0]
    const quota = { mount: { hasQuota: true } }
    const line = '/dev/mapper/luks-data /srv/data ext4 defaults,noauto,nofail'
    const able = { ...filledState().opened!.filesystem!, hasQuota: true }
    expect(lineOf(emptyState())).toBe(`${line} 0 0`)
    expect(lineOf(changed(emptyState(), quota))).toBe(`${line},prjquota 0 0`)
    expect(lineOf(changed(filledState(), { ...quota, opened: { filesystem: able } }))).toBe(
      `${line},prjquota 0 0`,
    )
    expect(lineOf(changed(filledState(), quota))).toBe(`${line} 0 0`)
    const adopted = { ...filledState().logical!.record!, filesystem: undefined }
    const foreign = changed(filledState(), {
      ...quota,
      logical: { record: adopted },
      opened: { filesystem: able },
    })
    expect(lineOf(foreign)).toBe(`${line} 0 0`)
  })

  test('the owner of the top folder is set once it is mounted, by name or number', () => {
    expect(titles(wholeState(), { owner: 'root' })).toEqual([])
    expect(titles(wholeState(), { owner: '0:root' })).toEqual([])
    expect(titles(wholeState(), { owner: '1000:1000' })).toEqual(['give /srv/data to 1000:1000'])
    expect(titles(filledState(), { owner: '1000' }).at(-1)).toBe('give /srv/data to 1000')
  })
})

describe('a volume that is larger in the configuration grows', () => {
  const larger = { size: '2Gi', bytes: 2 * 2 ** 30 }

  test('in all three parts, the file system last', () => {
    expect(titles(wholeState(), larger)).toEqual([extend, resize, grow])
    expect(titles(filledState(), larger)).toEqual([extend, resize, folder, fstab, mount, grow])
    expect(titles(changed(wholeState(), { opened: undefined, mount: emptyState().mount }), larger)).toEqual([
      extend,
      open,
      folder,
      fstab,
      mount,
      grow,
    ])
  })

  test('B12: from wherever an earlier run ended', () => {
    const extended = changed(wholeState(), { logical: { bytes: 2 * 2 ** 30 } })
    expect(titles(extended, larger)).toEqual([resize, grow])
    const resized = changed(extended, { opened: { bytes: 2 * 2 ** 30 - 16 * 2 ** 20 } })
    expect(titles(resized, larger)).toEqual([grow])
    const filesystem = { ...resized.opened!.filesystem!, bytes: 2 * 2 ** 30 - 16 * 2 ** 20 }
    expect(titles(changed(resized, { opened: { filesystem } }), larger)).toEqual([])
  })

  test('but not for what its file system may leave unused at the end', () => {
    const filesystem = { ...wholeState().opened!.filesystem!, slack: 2 ** 20 }
    const short = { ...filesystem, bytes: filesystem.bytes! - 2 ** 20 }
    expect(titles(changed(wholeState(), { opened: { filesystem: short } }))).toEqual([])
    const shorter = { ...filesystem, bytes: filesystem.bytes! - 2 ** 20 - 4096 }
    expect(titles(changed(wholeState(), { opened: { filesystem: shorter } }))).toEqual([grow])
  })

  test('and is whole where its logical volume was rounded up to extents', () => {
    const odd = { size: '1000M', bytes: 1e9 }
    const rounded = Math.ceil(1e9 / 2 ** 22) * 2 ** 22
    const bytes = rounded - 16 * 2 ** 20
    const state = changed(wholeState(), {
      logical: { bytes: rounded },
      opened: { bytes, filesystem: { ...wholeState().opened!.filesystem!, bytes } },
    })
    expect(titles(state, odd)).toEqual([])
  })

  test('not without room for it', () => {
    const full = changed(wholeState(), { group: { freeExtents: 10 } })
    expect(titles(full, larger)).toEqual([
      'refused: volume group vg0 has 40Mi free, 984Mi less than vg0/data needs',
    ])
    expect(hints(full, larger)).toEqual(['give it another disk: vgextend vg0 /dev/DISK, on kube1'])
  })
})

describe('nothing is done', () => {
  const refusals: [string, VolumeState, string, string][] = [
    [
      'without its volume group',
      changed(emptyState(), { group: { isUsable: false, reason: 'Volume group "vg0" not found' } }),
      'volume data: volume group vg0 cannot be used: Volume group "vg0" not found',
      'make it from a disk that you know to be empty: vgcreate vg0 /dev/DISK, on kube1',
    ],
    [
      'without LVM',
      changed(emptyState(), { group: { isUsable: false, reason: 'lvm2 is not installed' } }),
      'volume data: volume group vg0 cannot be used: lvm2 is not installed',
      'tasks node:prepare kube1; then, unless the group is on its disks already, make it from a disk that you know to be empty: vgcreate vg0 /dev/DISK, on kube1',
    ],
    [
      'A06: to a logical volume that somebody else made',
      changed(createdState(), { logical: { record: undefined } }),
      'vg0/data is there already, and not made by this: it holds nothing that can be seen',
      'give the volume another name, or if nobody needs what it holds: lvremove vg0/data, on kube1',
    ],
    [
      'A06: to an encrypted volume that somebody else made',
      changed(formattedState(), { logical: { record: undefined } }),
      'vg0/data is there already, and not made by this: it holds crypto_LUKS',
      'to take it over as it is: tasks volumes:adopt data',
    ],
    [
      'A06: to one that is opened',
      changed(openedState(), { logical: { record: undefined } }),
      'vg0/data is there already, and not made by this: it holds crypto_LUKS, opened as luks-data',
      'to take it over as it is: tasks volumes:adopt data',
    ],
    [
      'A08: to a volume that is larger than wanted',
      changed(wholeState(), { logical: { bytes: 2 * 2 ** 30 } }),
      'vg0/data has 2Gi, the configuration says 1Gi: volumes never shrink',
      'size: 2Gi',
    ],
    [
      'to one that is switched off',
      changed(createdState(), { logical: { isActive: false }, content: undefined }),
      'vg0/data is switched off: nobody can see what it holds',
      'lvchange --activate y vg0/data, on kube1',
    ],
    [
      'where the record is none',
      changed(createdState(), { logical: recorded({ problem: 'its tags name two LUKS UUIDs' }) }),
      'vg0/data: its tags name two LUKS UUIDs',
      'look at them: lvs -o lv_tags vg0/data, on kube1',
    ],
    ...[
      'ext4',
      'xfs',
      'LVM2_member',
      'gpt',
      'swap',
      'linux_raid_member',
      'something that blkid has no name for',
      'several at once',
    ].map((type): [string, VolumeState, string, string] => [
      `B01: to ${type} where nothing should be`,
      changed(createdState(), { content: { signatures: [type], isBlank: true } }),
      `vg0/data holds ${type}: nothing is done to it`,
      'if nobody needs what it holds: lvremove vg0/data, on kube1',
    ]),
    [
      'B01: to a foreign LUKS header',
      changed(createdState(), {
        content: { ...formattedState().content, luks: luks({ uuid: filesystemUuid }) },
      }),
      `vg0/data has the LUKS header ${filesystemUuid}, which is not the one of its record`,
      'find out who formatted it; its record: lvs -o lv_tags vg0/data, on kube1',
    ],
    [
      'B06: to a foreign LUKS header without keyslots',
      changed(createdState(), {
        content: { ...formattedState().content, luks: luks({ uuid: filesystemUuid, keyslots: 0 }) },
      }),
      `vg0/data has the LUKS header ${filesystemUuid}, which is not the one of its record`,
      'find out who formatted it; its record: lvs -o lv_tags vg0/data, on kube1',
    ],
    [
      'to bytes that say nothing',
      changed(createdState(), { content: { isBlank: false } }),
      'vg0/data begins with bytes that nobody knows',
      'if nobody needs what it holds: lvremove vg0/data, on kube1',
    ],
    [
      'to a damaged header where nothing should be',
      changed(createdState(), { content: { signatures: ['crypto_LUKS'], isBlank: false } }),
      'vg0/data begins with a damaged LUKS header',
      'if nobody needs what it holds: lvremove vg0/data, on kube1',
    ],
    [
      'B03: to a header below another signature',
      changed(formattedState(), { content: { signatures: ['crypto_LUKS', 'ext4'] } }),
      'vg0/data holds ext4 over a LUKS header: nothing is done to it',
      'tasks volumes:header-backup --restore data',
    ],
    [
      'B03: to another signature where the header was',
      changed(formattedState(), { content: { signatures: ['ext4'], luks: undefined } }),
      'vg0/data holds ext4: nothing is done to it',
      'tasks volumes:header-backup --restore data',
    ],
    [
      'B04: where a recorded header is gone',
      changed(formattedState(), { content: { signatures: [], isBlank: true, luks: undefined } }),
      'a record says that vg0/data was formatted, but its LUKS header is gone',
      'tasks volumes:header-backup --restore data',
    ],
    [
      'B04: where a recorded header is damaged',
      changed(formattedState(), { content: { luks: undefined } }),
      'a record says that vg0/data was formatted, but its LUKS header is gone',
      'tasks volumes:header-backup --restore data',
    ],
    [
      'where half of the header is damaged',
      changed(formattedState(), { content: { luks: luks({ isWhole: false }) } }),
      'one of the two copies of the LUKS header of vg0/data is damaged',
      'tasks volumes:header-backup --restore data',
    ],
    [
      'where no keyslot is left',
      changed(formattedState(), { content: { luks: luks({ keyslots: 0 }) } }),
      'the LUKS header of vg0/data has no keyslot left',
      'tasks volumes:header-backup --restore data',
    ],
    [
      'while it is being encrypted anew',
      changed(formattedState(), { content: { luks: luks({ isChanging: true }) } }),
      'vg0/data is being encrypted anew',
      'finish it first: cryptsetup reencrypt --resume-only /dev/vg0/data, on kube1',
    ],
    [
      'to a volume that is opened under another name',
      changed(formattedState(), { strangers: ['old'] }),
      'vg0/data is opened as old, expected luks-data',
      'cryptsetup close old, on kube1',
    ],
    [
      'to a volume that an array has put together',
      changed(createdState(), { content: { holders: ['md127'] } }),
      'vg0/data is in use by md127: nothing is done to it',
      'find out what it is: lsblk /dev/vg0/data, on kube1',
    ],
    [
      'where its name is opened from another device',
      changed(openedState(), { opened: { below: '254:9' } }),
      '/dev/mapper/luks-data is opened from another device than vg0/data',
      'dmsetup deps luks-data, on kube1',
    ],
    [
      'where its name is opened before it is there',
      changed(emptyState(), { opened: openedState().opened }),
      '/dev/mapper/luks-data is opened from another device than vg0/data',
      'dmsetup deps luks-data, on kube1',
    ],
    [
      'where it was opened with another header',
      changed(openedState(), { opened: { luks: filesystemUuid } }),
      '/dev/mapper/luks-data was opened with another header than vg0/data has now',
      'save what is mounted from it before anything else; then: tasks volumes:header-backup --restore data',
    ],
    [
      'B07: to another file system than wanted',
      changed(filledState(), {
        opened: {
          signatures: ['xfs'],
          filesystem: { type: 'xfs', uuid: filesystemUuid, slack: 0, isUnfinished: false },
        },
      }),
      '/dev/mapper/luks-data holds xfs, the configuration says ext4',
      'filesystem: xfs',
    ],
    [
      'B07: to a file system that nobody recorded',
      changed(filledState(), { logical: recorded({ isLuksMade: true }) }),
      '/dev/mapper/luks-data holds a file system ext4 that was not made by this',
      'to take it over as it is: tasks volumes:adopt data',
    ],
    [
      'B07: where a recorded file system cannot be seen',
      changed(filledState(), { opened: { signatures: [], filesystem: undefined } }),
      'a record says that /dev/mapper/luks-data has a file system, but none can be seen',
      'look at it: fsck -n /dev/mapper/luks-data, on kube1',
    ],
    [
      'where something else is mounted',
      changed(emptyState(), { mount: { atPath: ['8:1'] } }),
      'something else than /dev/mapper/luks-data is mounted at /srv/data',
      'findmnt /srv/data, on kube1',
    ],
    [
      'where something else is mounted over it',
      changed(wholeState(), { mount: { atPath: ['254:1', '8:1'] } }),
      'something else than /dev/mapper/luks-data is mounted at /srv/data',
      'findmnt /srv/data, on kube1',
    ],
    [
      'where it is mounted elsewhere',
      changed(filledState(), { mount: { elsewhere: ['/old'] } }),
      '/dev/mapper/luks-data is mounted at /old, the configuration says /srv/data',
      'umount /old, on kube1',
    ],
    [
      'where files would be hidden',
      changed(emptyState(), { mount: { folder: 'directory', entries: ['a', 'b', 'c', 'd'] } }),
      '/srv/data has files that the volume would hide: a, b, c, …',
      'move them away on kube1, and into /srv/data once it is mounted',
    ],
    [
      'where the path is a file',
      changed(emptyState(), { mount: { folder: 'other' } }),
      '/srv/data is there, but no folder',
      'ls -ld /srv/data, on kube1',
    ],
    [
      'behind a symbolic link',
      changed(emptyState(), { mount: { realPath: '/mnt/data' } }),
      '/srv/data is /mnt/data behind a symbolic link',
      'path: /mnt/data',
    ],
    [
      'where fstab says otherwise',
      changed(emptyState(), { mount: { fstab: ['/dev/sdb1 /srv/data ext4 defaults 0 2'] } }),
      '/etc/fstab says otherwise: /dev/sdb1 /srv/data ext4 defaults 0 2',
      'take that line out of /etc/fstab on kube1',
    ],
  ]

  test.each(refusals)('%s', (_, state, message, hint) => {
    expect(titles(state)).toEqual([`refused: ${message}`])
    expect(hints(state)).toEqual([hint])
    expect(planned(state).actions.flatMap(({ commands }) => commands)).toEqual([])
  })
})

describe('what works is warned of', () => {
  test('a header of which one copy is damaged, while it is open', () => {
    const { actions, findings } = planned(
      changed(wholeState(), { content: { luks: luks({ isWhole: false }) } }),
    )
    expect(actions).toEqual([])
    expect(findings?.map(({ message }) => message)).toEqual([
      'one of the two copies of the LUKS header of vg0/data is damaged; what is open goes on working',
    ])
  })

  test('files below a mount, a mount that is read-only, and discards that are not as wanted', () => {
    const odd = changed(wholeState(), { mount: { entries: ['lost'], isReadOnly: true } })
    expect(planned(odd, { discard: true }).findings?.map(({ message }) => message)).toEqual([
      '/srv/data is mounted read-only',
      'the folder below /srv/data has files that the volume hides: lost',
      '/dev/mapper/luks-data does not pass discards until it is opened the next time',
    ])
  })
})

function luks(fields: object) {
  return { ...formattedState().content!.luks!, ...fields }
}

function recorded(fields: object) {
  return { record: { luks: luksUuid, isLuksMade: false, isFilesystemMade: false, ...fields } }
}
