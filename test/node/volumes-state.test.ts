import { open, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TaskError } from '../../tasks/lib/cli/errors.ts'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import { planVolume } from '../../tasks/lib/node/volumes/plan/volume-plan.ts'
import { readState } from '../../tasks/lib/node/volumes/state/read-state.ts'
import fc from '../support/fast-check.ts'
import { temporaryFolder } from '../support/folder.ts'
import {
  allTags,
  contentParts,
  emptyParts,
  logicalPart,
  mountedParts,
  type Parts,
  volumeAnswer,
} from '../support/volume-answers.ts'
import { filesystemUuid, luksUuid, sampleVolume } from '../support/volume-states.ts'

const volume = sampleVolume()
const key = { read: 'volume-key data' }
const created = logicalPart(`metaltasks.luks=${luksUuid}`)
const made = logicalPart(...allTags)

function stateOf(...parts: Parts[]) {
  return readState(volumeAnswer(Object.assign({}, emptyParts, ...parts)), volume)
}

function titlesOf(...parts: Parts[]): string[] {
  const { actions } = planVolume({ state: stateOf(...parts), volume, key })
  return actions.map(({ title, blocked }) => blocked?.message ?? title)
}

describe('a machine tells of a volume', () => {
  test('that is not there', () => {
    expect(stateOf()).toMatchObject({ group: { isUsable: true, freeExtents: 1000 }, strangers: [] })
    expect(stateOf().logical).toBeUndefined()
    expect(stateOf().mount).toMatchObject({ fstab: [], folder: 'missing', atPath: [] })
  })

  test('that is whole and mounted', async () => {
    const state = stateOf(made, await formatted(), mountedParts)
    expect(state.logical?.record).toEqual({
      luks: luksUuid,
      isLuksMade: true,
      filesystem: filesystemUuid,
      isFilesystemMade: true,
    })
    expect(state.content).toMatchObject({
      signatures: ['crypto_LUKS'],
      luks: { uuid: luksUuid, keyslots: 1, isWhole: true },
    })
    expect(state.opened).toMatchObject({
      below: '254:0',
      luks: luksUuid,
      filesystem: { type: 'ext4', uuid: filesystemUuid },
    })
    expect(state.mount).toMatchObject({
      atPath: ['254:1'],
      elsewhere: [],
      isImmutable: true,
      owner: '1000:1000 ops:ops',
    })
    expect(titlesOf(made, await formatted(), mountedParts)).toEqual([])
  })

  test('whose volume group is missing, exported or has lost a disk', () => {
    const lost = emptyParts.group![1].replace('"vg_missing_pv_count":"0"', '"vg_missing_pv_count":"1"')
    const exported = emptyParts.group![1].replace('"vg_exported":""', '"vg_exported":"exported"')
    expect(stateOf({ group: [5, ''] }).group).toEqual({
      isUsable: false,
      reason: 'vgs failed with exit code 5',
    })
    expect(stateOf({ group: [0, lost] }).group).toMatchObject({
      reason: '1 physical volumes of the volume group are missing',
    })
    expect(stateOf({ group: [0, exported] }).group).toMatchObject({ reason: 'the volume group is exported' })
  })

  test('that sits below devices of other names, with another number, mounted elsewhere, or of another kind', async () => {
    const content = await formatted()
    const other = { crypt: [0, 'old: 0 100 crypt aes-xts-plain64 :64:logon:x 0 254:0 32768'] } satisfies Parts
    expect(stateOf(made, content, other).strangers).toEqual(['old'])
    const pieces = {
      crypt: [0, 'old: 0 100 crypt aes 00 0 254:0 32768\nold: 100 100 linear 254:0 9'],
    } satisfies Parts
    expect(stateOf(made, content, pieces).strangers).toEqual(['old', 'old'])
    expect(stateOf(made, content, { holders: [0, 'md127\n'] }).content?.holders).toEqual(['md127'])
    const elsewhere = mountedParts.mounts![1].replace('/srv/data', '/mnt/with\\040blank')
    expect(stateOf(made, content, mountedParts, { mounts: [0, elsewhere] }).mount).toMatchObject({
      atPath: [],
      elsewhere: ['/mnt/with blank'],
    })
    expect(() => stateOf(made, content, { node: [0, 'fe:7'] })).toThrow('its device file is 254:7, not 254:0')
    expect(() => stateOf({ mappings: [0, 'luks-data 254 3 0 LVM-x'] })).toThrow(
      'luks-data is a device of another kind',
    )
  })
})

describe('B01 and B04 what is on a disk is seen by reading alone', () => {
  test.each([
    ['ext4', 'mkfs.ext4 -q'],
    ['xfs', 'mkfs.xfs -q'],
    ['swap', 'mkswap'],
    ['LVM2_member', undefined],
    ['gpt, PMBR', "echo 'label: gpt' | sfdisk -q"],
  ])('%s on a volume that should be empty', async (type, command) => {
    const file = await diskFile()
    if (command) await run(['sh', '-c', `${command} ${file}`])
    else await writeAt(file, { at: 512, bytes: labelOfLvm() })
    expect(titlesOf(created, await contentParts(file))).toEqual([
      `vg0/data holds ${type}: nothing is done to it`,
    ])
    expect(titlesOf(made, await contentParts(file))).toEqual([
      `vg0/data holds ${type}: nothing is done to it`,
    ])
  })

  test('B03 a superblock of ext4 over the first header, the second one whole', async () => {
    const file = await luksFile()
    const blank = await diskFile()
    await run(['mkfs.ext4', '-q', blank])
    await run(['dd', `if=${blank}`, `of=${file}`, 'bs=4096', 'count=1', 'conv=notrunc'])
    const message = 'vg0/data holds ext4 over a LUKS header: nothing is done to it'
    expect(titlesOf(made, await contentParts(file))).toEqual([message])
    expect(titlesOf(created, await contentParts(file))).toEqual([message])
  })

  test('B04 zeros where a record says that a header is', async () => {
    const file = await luksFile()
    await writeAt(file, { at: 0, bytes: Buffer.alloc(2 ** 20) })
    expect(titlesOf(made, await contentParts(file))).toEqual([
      'a record says that vg0/data was formatted, but its LUKS header is gone',
    ])
  })

  test('A04 one damaged copy of the header, which stays as it is', async () => {
    const file = await luksFile()
    await writeAt(file, { at: 4096, bytes: Buffer.from('damage') })
    const before = await run(['sha256sum', file])
    expect(titlesOf(made, await contentParts(file))).toEqual([
      'one of the two copies of the LUKS header of vg0/data is damaged',
    ])
    expect((await run(['sha256sum', file])).stdout).toBe(before.stdout)
  })

  test('B06 a header without keyslots, of our UUID and of another', async () => {
    const file = await luksFile()
    await run(['sh', '-c', `cryptsetup luksKillSlot -q ${file} 0 </dev/null`])
    expect(titlesOf(created, await contentParts(file))[0]).toBe(
      'format logical volume vg0/data with LUKS again: an earlier run was interrupted',
    )
    const foreign = logicalPart(`metaltasks.luks=${filesystemUuid}`)
    expect(titlesOf(foreign, await contentParts(file))).toEqual([
      `vg0/data has the LUKS header ${luksUuid}, which is not the one of its record`,
    ])
  })
})

describe('what is not certain is not known', () => {
  test('B02 a program that ends with a code that means nothing', async () => {
    const content = await formatted()
    expect(() => stateOf(made, content, { wipefs: [1, ''] })).toThrow(
      'its state cannot be read: wipefs ended with 1',
    )
    expect(() => stateOf(made, content, { blkid: [4, ''] })).toThrow('blkid ended with 4')
    expect(() => stateOf(made, content, { node: [1, ''] })).toThrow('node ended with 1')
    expect(() => stateOf({ group: [1, ''] })).toThrow('group ended with 1')
    expect(() => stateOf({ logical: [5, ''] })).toThrow('logical ended with 5')
  })

  test('a disk that gives fewer bytes than asked for', async () => {
    const file = await diskFile()
    await truncate(file, 8192)
    const { header } = await contentParts(file)
    expect(() => titlesOf(created, { node: [0, 'fe:0'], header: header! })).toThrow(
      'only 8192 bytes could be read',
    )
  })

  test('an answer that was cut off, or with something else in it', () => {
    const answer = volumeAnswer(emptyParts)
    const without = { ...answer, stdout: answer.stdout.replace('whole 0 \n', '') }
    expect(() => readState(without, volume)).toThrow('the answer was cut off')
    const noisy = { ...answer, stdout: `Welcome!\n${answer.stdout}` }
    expect(() => readState(noisy, volume)).toThrow('it answered "Welcome!"')
    const twice = { ...answer, stdout: `${answer.stdout.split('\n')[0]}\n${answer.stdout}` }
    expect(() => readState(twice, volume)).toThrow('its state cannot be read')
  })

  test('an answer with any part of it changed never plans a format or a file system', async () => {
    const whole = { ...emptyParts, ...made, ...(await formatted()), ...mountedParts }
    const names = fc.constantFrom(...Object.keys(whole))
    const change = fc.record({
      code: fc.option(fc.constantFrom(0, 1, 2, 4, 5, 8, 127, 255), { nil: undefined }),
      text: fc.option(fc.oneof(fc.string(), fc.constant(''), fc.constant('No devices found')), {
        nil: undefined,
      }),
      isGone: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.dictionary(names, change, { maxKeys: 4 }), (changes) => {
        const parts = changedParts(whole, changes)
        try {
          expect(
            plannedOf(parts).filter((title) => /^(format|make file system|create logical)/.test(title)),
          ).toEqual([])
        } catch (error) {
          if (!(error instanceof TaskError)) throw error
        }
      }),
      { numRuns: 2000 },
    )
  })
})

function plannedOf(parts: Parts): string[] {
  const { actions } = planVolume({ state: readState(volumeAnswer(parts), volume), volume, key })
  return actions.map(({ title, blocked }) => blocked?.message ?? title)
}

type Changed = Record<string, { code?: number; text?: string; isGone: boolean }>

function changedParts(whole: Parts, changes: Changed): Parts {
  const kept = Object.entries(whole).flatMap(([name, [code, text]]) => {
    const change = changes[name]
    if (change?.isGone) return []
    return [[name, [change?.code ?? code, change?.text ?? text]]] as const
  })
  return Object.fromEntries(kept) as Parts
}

async function formatted(): Promise<Parts> {
  return contentParts(await luksFile())
}

// xfs wants 300 MiB.
async function diskFile(mebibytes = 320): Promise<string> {
  const file = join(await temporaryFolder(), 'disk')
  await writeFile(file, '')
  await truncate(file, mebibytes * 2 ** 20)
  return file
}

async function luksFile(): Promise<string> {
  const file = await diskFile(32)
  const options = '--batch-mode --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000'
  const input = Buffer.alloc(64, 7)
  await run(['sh', '-c', `cryptsetup luksFormat ${options} --uuid ${luksUuid} --key-file=- ${file}`], {
    input,
  })
  return file
}

async function writeAt(file: string, { at, bytes }: { at: number; bytes: Buffer }): Promise<void> {
  const handle = await open(file, 'r+')
  await handle.write(bytes, 0, bytes.length, at)
  await handle.close()
}

// LVM's label in the second sector; its checksum is not looked at by blkid's probe of it.
function labelOfLvm(): Buffer {
  const label = Buffer.alloc(512)
  label.write('LABELONE', 0)
  label.writeBigUInt64LE(1n, 8)
  label.write('LVM2 001', 24)
  return label
}
