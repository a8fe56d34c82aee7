import { mkdir, open, rm, truncate, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import { formatVolume, recordFormat, resumeFormat } from '../../tasks/lib/node/volumes/commands/format.ts'
import { type FileVolume, fileVolume } from '../support/file-volume.ts'
import { filesystemUuid, luksUuid } from '../support/volume-states.ts'

const logical = {
  uuid: 'LV-1',
  bytes: 2 ** 25,
  record: { luks: luksUuid, isLuksMade: false, isFilesystemMade: false },
  isActive: true,
  number: '0:0',
}

test('a volume that nothing can be seen on is formatted with the recorded UUID, and recorded', async () => {
  const disk = await fileVolume()
  expect(await disk.run(formatOf(disk))).toMatchObject({ exitCode: 0 })
  const dump = (await run(['cryptsetup', 'luksDump', disk.file])).stdout
  expect(dump).toMatch(`UUID:          \t${luksUuid}`)
  expect(dump).toMatch(/Label: +\tdata\n/)
  expect(dump).toMatch(/Subsystem: +\thome\/kube1\n/)
  expect(dump).toMatch(/cipher: aes-xts-plain64\n\tsector: 4096/)
  expect(dump).toMatch(/PBKDF: +pbkdf2\n/)
  expect(await disk.tags()).toEqual([`metaltasks.luks=${luksUuid}`, 'metaltasks.luks-made'])
  await run(['cryptsetup', 'open', '--test-passphrase', '--key-file', disk.keyFile, disk.file])
})

test('a second run of the same commands is refused', async () => {
  const disk = await fileVolume()
  await disk.run(formatOf(disk))
  await refuses(disk, /a record says that vg0\/data was formatted/)
})

describe('B01 a volume is not formatted, and not a byte of it changed, when it holds', () => {
  test.each<[string, (disk: FileVolume) => Promise<unknown>]>([
    ['ext4', ({ file }) => run(['mkfs.ext4', '-q', file])],
    [
      'xfs',
      async ({ file }) => {
        await truncate(file, 320 * 2 ** 20)
        await run(['mkfs.xfs', '-q', file])
      },
    ],
    ['an LVM physical volume', ({ file }) => writeAt(file, { at: 512, bytes: lvmLabel() })],
    ['a partition table', ({ file }) => run(['sh', '-c', `echo 'label: gpt' | sfdisk -q ${file}`])],
    ['swap', ({ file }) => run(['mkswap', file])],
    ['a member of a RAID', ({ file }) => writeAt(file, { at: 4096, bytes: raidSuperblock() })],
    ['a foreign LUKS header', ({ file }) => luksFormat(file, filesystemUuid)],
  ])('%s', async (_, plant) => {
    const disk = await fileVolume()
    await plant(disk)
    await refuses(disk, /refused: (blkid|wipefs) sees something on/)
  })

  test('bytes that say nothing', async () => {
    const disk = await fileVolume()
    await writeAt(disk.file, { at: 100, bytes: Buffer.from('a database of its own kind') })
    await refuses(disk, /the first bytes of .* are not zeros/)
  })
})

describe('each program alone would refuse ext4 or LUKS', () => {
  test.each([
    ['blkid', /blkid/],
    ['wipefs', /wipefs/],
    ['isLuks', /isLuks/],
    ['cmp', /^cmp /],
  ])('%s', async (_, wanted) => {
    const disk = await fileVolume()
    await luksFormat(disk.file, filesystemUuid)
    const content = /blkid|wipefs|isLuks|^cmp /
    const alone = formatOf(disk).filter((command) => !content.test(command) || wanted.test(command))
    await refuses(disk, /refused/, alone)
    const without = formatOf(disk).filter((command) => !content.test(command))
    expect(await disk.run(without)).toMatchObject({ exitCode: 0 })
  })
})

describe('B02 a volume is not formatted when it cannot be read', () => {
  test('for it is missing', async () => {
    const disk = await fileVolume()
    await rm(disk.file)
    const { exitCode } = await disk.run(formatOf(disk))
    expect(exitCode).not.toBe(0)
    expect(await formats(disk)).toEqual([])
  })

  test('for it is no device', async () => {
    const disk = await fileVolume()
    await rm(disk.file)
    await mkdir(disk.file)
    expect((await disk.run(formatOf(disk))).exitCode).not.toBe(0)
    expect(await formats(disk)).toEqual([])
  })
})

test('B03 a superblock of ext4 over the header of a volume is left as it is', async () => {
  const disk = await fileVolume()
  await luksFormat(disk.file, luksUuid)
  const blank = await fileVolume()
  await run(['mkfs.ext4', '-q', blank.file])
  await run(['dd', `if=${blank.file}`, `of=${disk.file}`, 'bs=4096', 'count=1', 'conv=notrunc'])
  await refuses(disk, /blkid sees something/)
  await refuses(
    disk,
    /wipefs sees something else/,
    resumeFormat(disk.volume, { key: keyOf(disk), logical }).commands,
  )
})

describe('a record decides, whatever can be seen', () => {
  test('B04 a volume that was formatted, its header gone', async () => {
    const disk = await fileVolume()
    await disk.setTags(`metaltasks.luks=${luksUuid}`, 'metaltasks.luks-made')
    await refuses(disk, /a record says that vg0\/data was formatted/)
    await becomesDangerous(disk, /luks-made,\*\) refuse/)
  })

  test.each([
    ['no record', []],
    ['two records', [`metaltasks.luks=${luksUuid}`, `metaltasks.luks=${filesystemUuid}`]],
  ])('A06 %s', async (_, tags) => {
    const disk = await fileVolume()
    await disk.setTags(...tags)
    await refuses(disk, /vg0\/data has no record of ours/)
  })

  test('another logical volume of the same name', async () => {
    const disk = await fileVolume()
    const other = formatVolume(disk.volume, {
      key: keyOf(disk),
      logical: { ...logical, uuid: 'LV-2' },
    }).commands
    await refuses(disk, /another volume than planned/, other)
    await becomesDangerous(disk, /lv_uuid/, other)
  })

  test('a volume that something has open', async () => {
    const disk = await fileVolume()
    await disk.setOpen(1)
    await refuses(disk, /is in use/)
    await becomesDangerous(disk, /is in use/)
  })

  test('a device file of another device', async () => {
    const disk = await fileVolume()
    const volume = { ...disk.volume, device: '/dev/null' }
    const { exitCode, stderr } = await disk.run(formatVolume(volume, { key: keyOf(disk), logical }).commands)
    expect([exitCode, stderr]).toEqual([1, 'refused: /dev/null is another device than vg0/data\n'])
  })
})

describe('B05 no program of cryptsetup starts with a key that', () => {
  test.each<[string, (disk: FileVolume) => Promise<unknown>, RegExp]>([
    ['is missing', ({ keyFile }) => rm(keyFile), /did not come whole/],
    ['is empty', ({ keyFile }) => writeFile(keyFile, ''), /has 0 bytes, expected 32 at least/],
    ['is shorter than 32 bytes', ({ keyFile }) => writeFile(keyFile, Buffer.alloc(31, 1)), /has 31 bytes/],
    [
      'is a folder',
      async ({ keyFile }) => {
        await rm(keyFile)
        await mkdir(keyFile)
      },
      /did not come whole/,
    ],
    [
      'is larger than 8 MiB',
      ({ keyFile }) => writeFile(keyFile, Buffer.alloc(2 ** 23 + 1, 1)),
      /did not come whole/,
    ],
  ])('%s', async (_, spoil, reason) => {
    const disk = await fileVolume()
    await spoil(disk)
    const before = await disk.hash()
    const { exitCode, stderr } = await disk.run(formatOf(disk))
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(reason)
    expect(await disk.cryptsetupCalls()).toEqual([])
    expect(await disk.hash()).toBe(before)
  })

  test('was cut off by the program that reads it', async () => {
    const disk = await fileVolume()
    const key = { read: `sh -c 'head -c 40 ${disk.keyFile}; exit 1'` }
    const { stderr } = await disk.run(formatVolume(disk.volume, { key, logical }).commands)
    expect(stderr).toMatch(/did not come whole/)
    expect(await disk.cryptsetupCalls()).toEqual([])
  })

  test('holds any bytes, of the longest and the shortest kind: those open the volume', async () => {
    const disk = await fileVolume()
    for (const bytes of [Buffer.from([...Array(256).keys()]), Buffer.alloc(32), Buffer.alloc(2 ** 23, 10)]) {
      await writeFile(disk.keyFile, bytes)
      await disk.setTags(`metaltasks.luks=${luksUuid}`)
      await truncate(disk.file, 0)
      await truncate(disk.file, 20 * 2 ** 20)
      expect(await disk.run(formatOf(disk))).toMatchObject({ exitCode: 0 })
      await run(['cryptsetup', 'open', '--test-passphrase', '--key-file', disk.keyFile, disk.file])
    }
  })
})

describe('B06 an interrupted format', () => {
  test('goes on where the header has the recorded UUID and no keyslot', async () => {
    const disk = await interrupted(luksUuid)
    expect(await disk.run(resumeOf(disk))).toMatchObject({ exitCode: 0 })
    expect(await disk.tags()).toContain('metaltasks.luks-made')
    await run(['cryptsetup', 'open', '--test-passphrase', '--key-file', disk.keyFile, disk.file])
  })

  test('is left alone with another UUID, with a keyslot, or with something beside it', async () => {
    await refusesResume(await interrupted(filesystemUuid), /another header than its record says/)
    const whole = await fileVolume()
    await luksFormat(whole.file, luksUuid)
    await refusesResume(whole, /has keyslots/)
    await becomesDangerous(whole, /keyslots/, resumeOf(whole))
    const other = await interrupted(filesystemUuid)
    await becomesDangerous(other, /another header/, resumeOf(other))
  })

  test('that was whole is only recorded, once its key opens it', async () => {
    const disk = await fileVolume()
    await luksFormat(disk.file, luksUuid)
    const { commands } = recordFormat(disk.volume, { key: keyOf(disk), logical })
    expect((await disk.run(commands)).exitCode).toBe(2)
    expect(await disk.tags()).toEqual([`metaltasks.luks=${luksUuid}`])
    await writeFile(disk.keyFile, Buffer.alloc(64, 9))
    const before = await disk.hash()
    expect(await disk.run(commands)).toMatchObject({ exitCode: 0 })
    expect(await disk.tags()).toContain('metaltasks.luks-made')
    expect(await disk.hash()).toBe(before)
  })
})

function keyOf({ keyFile }: FileVolume) {
  return { read: `cat ${keyFile}` }
}

function formatOf(disk: FileVolume): string[] {
  return formatVolume(disk.volume, { key: keyOf(disk), logical }).commands
}

function resumeOf(disk: FileVolume): string[] {
  return resumeFormat(disk.volume, { key: keyOf(disk), logical }).commands
}

async function refuses(disk: FileVolume, reason: RegExp, commands = formatOf(disk)): Promise<void> {
  const before = await disk.hash()
  const calls = await formats(disk)
  const { exitCode, stderr } = await disk.run(commands)
  expect(stderr).toMatch(reason)
  expect(exitCode).toBe(1)
  expect(await formats(disk)).toEqual(calls)
  expect(await disk.hash()).toBe(before)
}

function refusesResume(disk: FileVolume, reason: RegExp): Promise<void> {
  return refuses(disk, reason, resumeOf(disk))
}

// The guard is what keeps it: without that one command the same disk is formatted.
async function becomesDangerous(disk: FileVolume, guard: RegExp, commands = formatOf(disk)): Promise<void> {
  const without = commands.filter((command) => !guard.test(command))
  expect(without.length).toBe(commands.length - 1)
  const before = await disk.hash()
  await disk.run(without)
  expect(await disk.hash()).not.toBe(before)
}

async function formats(disk: FileVolume): Promise<string[]> {
  return (await disk.cryptsetupCalls()).filter((call) => call.startsWith('luksFormat'))
}

async function interrupted(uuid: string): Promise<FileVolume> {
  const disk = await fileVolume()
  await luksFormat(disk.file, uuid)
  await run(['sh', '-c', `cryptsetup luksKillSlot -q ${disk.file} 0 </dev/null`])
  return disk
}

async function luksFormat(file: string, uuid: string): Promise<void> {
  const options = '--batch-mode --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000'
  const input = Buffer.alloc(64, 9)
  await run(['sh', '-c', `cryptsetup luksFormat ${options} --uuid ${uuid} --key-file=- ${file}`], { input })
}

async function writeAt(file: string, { at, bytes }: { at: number; bytes: Buffer }): Promise<void> {
  const handle = await open(file, 'r+')
  await handle.write(bytes, 0, bytes.length, at)
  await handle.close()
}

function lvmLabel(): Buffer {
  const label = Buffer.alloc(512)
  label.write('LABELONE', 0)
  label.writeBigUInt64LE(1n, 8)
  label.write('LVM2 001', 24)
  return label
}

// md's superblock 1.2: magic, version 1, where it lies itself.
function raidSuperblock(): Buffer {
  const block = Buffer.alloc(4096)
  block.writeUInt32LE(0xa92b4efc, 0)
  block.writeUInt32LE(1, 4)
  block.writeBigUInt64LE(8n, 144)
  return block
}
