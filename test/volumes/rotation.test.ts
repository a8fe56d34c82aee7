import { existsSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { VolumeScene } from '../../tasks/lib/volumes/chosen-volumes.ts'
import { headerBackup } from '../../tasks/lib/volumes/header-backup.ts'
import { planRestore } from '../../tasks/lib/volumes/header-backup-restore.ts'
import { planBackups, planRotation } from '../../tasks/lib/volumes/rotation.ts'
import { hasCryptsetup, type LuksFile, luksFile } from '../support/luks-file.ts'
import { keyedProject } from './project.ts'
import { changesIn, fileScene, make, makeOne } from './scene.ts'

describe.skipIf(!hasCryptsetup)('a rotation takes the backup of the header with it', () => {
  let luks: LuksFile
  let scene: VolumeScene
  beforeEach(async () => {
    luks = luksFile()
    scene = fileScene(luks, { project: await keyedProject() })
  })
  afterEach(() => luks.close())
  const backup = () => headerBackup(scene.chosen[0]!.volume, scene)
  const stored = () => readFileSync(luks.keyFile)

  test('B10 the old key fails, the new one passes, and the one backup there is opens with the new one only', async () => {
    await make(changesIn(await planBackups(scene)))
    const before = stored()
    const old = await backup().open()
    await make(changesIn(await planRotation(scene)))
    expect([luks.test(before), luks.test(stored())]).toEqual([2, 0])
    expect(luks.header().keyslots).toHaveLength(1)
    const { image, fingerprint } = await backup().open()
    expect(fingerprint).not.toBe(old.fingerprint)
    expect(fingerprint).toBe(luks.header().fingerprint)
    expect(await backup().isRevoked()).toBe(false)
    const opens = (key: Buffer) =>
      luks.cryptsetup(['open', '--test-passphrase', '--key-file', '-', fileOf(image)], key)
    expect([opens(before), opens(stored())]).toEqual([2, 0])
    expect(changesIn(await planBackups(scene))).toEqual([])
  })

  test.each([3, 4, 5, 6])(
    'B10 killed after change %i of 7, no backup that has a key which is being removed counts',
    async (done) => {
      await make(changesIn(await planBackups(scene)))
      const changes = changesIn(await planRotation(scene))
      expect(changes).toHaveLength(7)
      for (const change of changes.slice(0, done)) await makeOne(change)
      expect(luks.test(stored())).toBe(0)
      expect(existsSync(backup().file)).toBe(done === 3 || done === 6)
      const rest = done < 5 ? await planRotation(scene) : await planBackups(scene)
      await make(changesIn(rest))
      expect((await backup().kept())!.fingerprint).toBe(luks.header().fingerprint)
      expect(await backup().isRevoked()).toBe(false)
    },
  )

  test('a revoked backup is not restored', async () => {
    await make(changesIn(await planBackups(scene)))
    for (const change of changesIn(await planRotation(scene)).slice(0, 4)) await makeOne(change)
    await expect(planRestore(scene)).rejects.toThrow('is revoked: it would bring back a key that was removed')
  })

  const fileOf = (image: Buffer) => luks.write('backup.img', image)
})
