import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Change } from '../../tasks/lib/cli/change.ts'
import type { VolumeScene } from '../../tasks/lib/volumes/chosen-volumes.ts'
import { planRestore } from '../../tasks/lib/volumes/header-backup-restore.ts'
import { planBackups } from '../../tasks/lib/volumes/rotation.ts'
import { hasCryptsetup, type LuksFile, luksFile } from '../support/luks-file.ts'
import { keyedProject } from './project.ts'
import { changesIn, fileScene, make, makeOne } from './scene.ts'

describe.skipIf(!hasCryptsetup)('a header is restored from its backup', () => {
  let luks: LuksFile
  let scene: VolumeScene
  const kept: string[] = []
  beforeEach(async () => {
    luks = luksFile()
    scene = fileScene(luks, { project: await keyedProject() })
    await make(changesIn(await planBackups(scene)))
  })
  afterEach(() => {
    luks.close()
    kept.length = 0
  })
  const restoration = async (): Promise<Change> => {
    const [change] = changesIn(await planRestore(scene, { keepIn: luks.folder }))
    const file = change!.notes![0]!.split(' ').at(-1)!
    kept.push(file)
    return change!
  }
  const damage = (from: number, to: number) => {
    const bytes = readFileSync(luks.device)
    bytes.fill(0, from, to)
    writeFileSync(luks.device, bytes)
    return bytes
  }

  test('B03 after another file system was written over its first 4 KiB', async () => {
    const bytes = damage(0, 4096)
    const change = await restoration()
    expect(change.blocked).toBeUndefined()
    await make([change])
    expect(luks.test(readFileSync(luks.keyFile))).toBe(0)
    expect(readFileSync(kept[0]!).equals(bytes.subarray(0, 16 * 1024 * 1024))).toBe(true)
    expect(changesIn(await planRestore(scene, { keepIn: luks.folder }))).toEqual([])
  })

  test('after its first MiB was zeroed: nothing else is there', async () => {
    damage(0, 1024 * 1024)
    await make([await restoration()])
    expect(luks.test(readFileSync(luks.keyFile))).toBe(0)
  })

  test('B11 a backup of another UUID is refused, in the plan and once more right before it is written', async () => {
    const other = luksFile()
    const change = await restoration().catch(() => undefined)
    expect(change).toBeUndefined()
    damage(0, 4096)
    const planned = await restoration()
    copyFileSync(other.device, luks.device)
    const bytes = readFileSync(luks.device)
    await expect(makeOne(planned)).rejects.toThrow('failed with exit code 1')
    const refused = await restoration()
    expect(refused.blocked?.message).toContain(`is ${other.header().uuid}`)
    expect(readFileSync(luks.device).equals(bytes)).toBe(true)
    other.close()
  })

  test('not over a header that is whole and has other keyslots', async () => {
    const argv = '--pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file'.split(' ')
    luks.cryptsetup(['luksAddKey', ...argv, luks.keyFile, luks.device, '-'], Buffer.from('somebody'))
    expect((await restoration()).blocked?.message).toContain('its keyslots are not those of the backup')
  })

  test('not over another file system', async () => {
    const bytes = readFileSync(luks.device)
    bytes.fill(0, 0, 1024 * 1024)
    bytes.write('_BHRfS_M', 65536 + 64)
    bytes.write('XFSB', 0)
    writeFileSync(luks.device, bytes)
    const change = await restoration().catch((error: Error) => error)
    expect(change instanceof Error ? change.message : change.blocked?.message).toMatch(/holds|blkid ended/)
  })

  test('nothing is done where the header is that of the backup', async () => {
    expect(changesIn(await planRestore(scene, { keepIn: luks.folder }))).toEqual([])
  })
})
