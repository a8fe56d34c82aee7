import { readFile, truncate, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import { planAdoption } from '../../tasks/lib/node/volumes/adopt.ts'
import { makeFilesystem } from '../../tasks/lib/node/volumes/commands/filesystem.ts'
import { groupRoom } from '../../tasks/lib/node/volumes/group-room.ts'
import { planGrowth, planVolume } from '../../tasks/lib/node/volumes/plan/volume-plan.ts'
import { type FileVolume, fileVolume } from '../support/file-volume.ts'
import { plantSignature } from '../support/signatures.ts'
import { emptyParts, volumeAnswer } from '../support/volume-answers.ts'
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

const formatted = [`metaltasks.luks=${luksUuid}`, 'metaltasks.luks-made']
const key = { read: 'volume-key data' }

describe.each(['ext4', 'xfs'] as const)('B07 %s is made in an opened volume', (filesystem) => {
  test('once, with the UUID that was recorded before', async () => {
    const disk = await openedVolume(filesystem)
    expect(await disk.run(disk.commands)).toMatchObject({ exitCode: 0 })
    const tags = await disk.tags()
    const uuid = /metaltasks\.fs=(.*)/.exec(tags.join('\n'))![1]
    expect(tags).toEqual([...formatted, `metaltasks.fs=${uuid}`, 'metaltasks.fs-made'])
    expect((await run(['blkid', '-p', '-o', 'export', disk.inside])).stdout).toContain(`UUID=${uuid}`)
    await refuses(disk, /a record says that vg0\/data has a file system/)
  })

  test('that a killed run made is only recorded', async () => {
    const disk = await openedVolume(filesystem)
    await disk.run(disk.commands)
    const made = (await disk.tags()).filter((tag) => tag !== 'metaltasks.fs-made')
    await disk.setTags(...made)
    const before = await readFile(disk.inside)
    expect(await disk.run(disk.commands)).toMatchObject({ exitCode: 0 })
    expect((await readFile(disk.inside)).equals(before)).toBe(true)
    expect(await disk.tags()).toContain('metaltasks.fs-made')
  })

  test('not where one is that nobody recorded, or anything else', async () => {
    for (const kind of ['ext4', 'xfs', 'swap', 'lvm'] as const) {
      const disk = await openedVolume(filesystem, 20)
      await plantSignature(disk.inside, kind)
      await refuses(disk, /holds something that we did not make/)
    }
  })

  test('not where the volume is in use, or was not recorded as formatted', async () => {
    const busy = await openedVolume(filesystem, 20)
    await busy.setOpen(1)
    await refuses(busy, /is in use/)
    const unknown = await openedVolume(filesystem, 20)
    await unknown.setTags(formatted[0]!)
    await refuses(unknown, /no record says that vg0\/data was formatted/)
  })
})

test('B07 an xfs that mkfs did not finish is made again, and only with the recorded UUID', async () => {
  for (const uuid of [filesystemUuid, luksUuid]) {
    const disk = await openedVolume('xfs')
    await run(['mkfs.xfs', '-q', '-m', `uuid=${uuid}`, disk.inside])
    await run(['xfs_db', '-x', '-c', 'sb 0', '-c', 'write inprogress 1', disk.inside])
    await disk.setTags(...formatted, `metaltasks.fs=${filesystemUuid}`)
    if (uuid === filesystemUuid) expect(await disk.run(disk.commands)).toMatchObject({ exitCode: 0 })
    else await refuses(disk, /./)
  }
})

describe('no command is ever one that', () => {
  const states = [emptyState(), createdState(), formattedState(), openedState(), filledState(), wholeState()]
  const sizes = [2 ** 30, 2 ** 31]
  const commands = states.flatMap((state) =>
    sizes.flatMap((bytes) =>
      (['ext4', 'xfs'] as const).flatMap((filesystem) =>
        planVolume({ state, volume: sampleVolume({ bytes, filesystem, owner: '1:1' }), key }).actions.flatMap(
          (action) => action.commands,
        ),
      ),
    ),
  )

  test.each([
    ['A08 makes a volume smaller', /lvreduce|lvresize|resize2fs .* \d|lvextend --size/],
    ['removes anything', /lvremove|vgremove|pvremove|luksErase|luksKillSlot|--deltag|\brm\b/],
    ['forces or answers for the operator', / -f\b(?! -n)| -ff|--force| -y\b|--yes|mkfs\S* .*-F/],
    ['wipes a signature', /wipefs -(?!-no-act)/],
    ['shows a key', /set -x|export key|--key-file [^-]/],
  ])('%s', (_, forbidden) => {
    expect(commands.length).toBeGreaterThan(100)
    expect(commands.filter((command) => forbidden.test(command))).toEqual([])
  })
})

describe('volumes:grow', () => {
  const larger = sampleVolume({ bytes: 2 ** 31, size: '2Gi' })

  test('extends what is made, and nothing else', () => {
    const titles = planGrowth({ state: wholeState(), volume: larger, key }).actions.map(({ commands }) =>
      commands.at(-1),
    )
    expect(titles).toEqual([
      'lvextend --extents 512 vg0/data </dev/null',
      'printf %s "$key" | base64 -d | cryptsetup resize --key-file=- --keyfile-size="$bytes" luks-data',
      'resize2fs /dev/mapper/luks-data',
    ])
    const [refused] = planGrowth({ state: filledState(), volume: larger, key }).actions
    expect(refused?.blocked).toMatchObject({
      message: 'vg0/data is not all made, open and mounted',
      hint: 'tasks volumes',
    })
  })

  test('A08 never shrinks', () => {
    const [refused] = planGrowth({
      state: wholeState(),
      volume: sampleVolume({ bytes: 2 ** 29, size: '512Mi' }),
      key,
    }).actions
    expect(refused?.blocked?.message).toBe(
      'vg0/data has 1Gi, the configuration says 512Mi: volumes never shrink',
    )
  })
})

describe('A06 volumes:adopt', () => {
  const foreign = changed(filledState(), { logical: { record: undefined } })

  test('records what is there, by tags alone', () => {
    const [action, ...more] = planAdoption(foreign, sampleVolume()).actions
    expect(more).toEqual([])
    expect(action).toMatchObject({
      action: 'adopt',
      before: ['size 1Gi', `LUKS2 ${luksUuid}, 1 keyslots`, 'open, ext4'],
      commands: [
        `test "$(lvs --noheadings -o lv_uuid vg0/data | tr -d ' ')" = LV-1`,
        `test "$(blkid -p -s UUID -o value /dev/vg0/data)" = ${luksUuid}`,
        `lvchange --addtag metaltasks.luks=${luksUuid} --addtag metaltasks.luks-made --addtag metaltasks.fs-made vg0/data`,
      ],
    })
  })

  test('leaves alone what is recorded or not there', () => {
    expect(planAdoption(wholeState(), sampleVolume()).actions).toEqual([])
    expect(planAdoption(emptyState(), sampleVolume())).toMatchObject({
      actions: [],
      findings: [{ message: 'vg0/data is not there' }],
    })
  })

  test.each([
    [
      'what is not LUKS',
      changed(createdState(), { logical: { record: undefined }, content: { signatures: ['ext4'] } }),
      'vg0/data holds ext4 and no LUKS header',
    ],
    [
      'what has something over its header',
      changed(foreign, { content: { signatures: ['crypto_LUKS', 'swap'] } }),
      'vg0/data holds swap and LUKS',
    ],
    [
      'a damaged header',
      changed(foreign, { content: { luks: { ...foreign.content!.luks!, isWhole: false } } }),
      'the LUKS header of vg0/data is damaged, being changed, or has no keyslot',
    ],
    [
      'a record of ours of another header',
      changed(formattedState(), { content: { luks: { ...foreign.content!.luks!, uuid: filesystemUuid } } }),
      'vg0/data has a record of ours that is not of this header',
    ],
    [
      'an open volume without a file system',
      changed(openedState(), { logical: { record: undefined } }),
      '/dev/mapper/luks-data is open, and no file system can be seen in it',
    ],
  ])('refuses %s', (_, state, message) => {
    expect(planAdoption(state, sampleVolume()).actions.map(({ blocked }) => blocked?.message)).toEqual([
      message,
    ])
  })

  test('warns of what `tasks volumes` will refuse', () => {
    const findings = planAdoption(
      foreign,
      sampleVolume({ bytes: 2 ** 29, size: '512Mi', filesystem: 'xfs' }),
    ).findings
    expect(findings?.map(({ message }) => message)).toEqual([
      'vg0/data has 1Gi, the configuration says 512Mi',
      'vg0/data holds ext4, the configuration says xfs',
    ])
  })
})

test('volumes that fit alone but not together are refused before the first is made', () => {
  const two = [sampleVolume({ bytes: 2 ** 31 }), sampleVolume({ name: 'more', bytes: 2 ** 31 })]
  const { group, logical } = emptyParts
  const room = groupRoom('vg0', two).plan(volumeAnswer({ group: group!, logical: logical! }))
  expect(room.actions[0]?.blocked?.message).toBe(
    'volume group vg0 has 4000Mi free, 96Mi less than data, more need together',
  )
  expect(
    groupRoom('vg0', two.slice(1)).plan(volumeAnswer({ group: group!, logical: logical! })).actions,
  ).toEqual([])
})

interface OpenedVolume extends FileVolume {
  /** The file in place of the opened device. */
  inside: string
  commands: string[]
}

// mkfs.xfs makes nothing smaller than 300 MiB.
async function openedVolume(
  filesystem: 'ext4' | 'xfs',
  mebibytes = filesystem === 'xfs' ? 304 : 20,
): Promise<OpenedVolume> {
  const disk = await fileVolume()
  const inside = `${disk.file}-inside`
  await writeFile(inside, '')
  await truncate(inside, mebibytes * 2 ** 20)
  await run([
    'sh',
    '-c',
    `cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --uuid ${luksUuid} --key-file ${disk.keyFile} ${disk.file}`,
  ])
  await disk.setTags(...formatted)
  const volume = { ...disk.volume, opened: inside, filesystem }
  return { ...disk, inside, commands: makeFilesystem(volume, { hasQuota: false }).commands }
}

async function refuses(disk: OpenedVolume, reason: RegExp): Promise<void> {
  const before = await readFile(disk.inside)
  const { exitCode, stderr } = await disk.run(disk.commands)
  expect(exitCode).not.toBe(0)
  expect(stderr).toMatch(reason)
  expect((await readFile(disk.inside)).equals(before)).toBe(true)
}
