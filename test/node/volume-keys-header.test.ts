import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { compactHeader } from '../../tasks/lib/node/volume-keys/compact-header.ts'
import { headerProbe, readHeader } from '../../tasks/lib/node/volume-keys/luks2-header.ts'
import { hasCryptsetup, type LuksFile, luksFile } from '../support/luks-file.ts'

const uuid = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'

describe.skipIf(!hasCryptsetup)('a LUKS header is read without cryptsetup', () => {
  let luks: LuksFile
  beforeEach(() => {
    luks = luksFile({ uuid })
  })
  afterEach(() => luks.close())
  const probed = () =>
    readHeader(execFileSync('/bin/sh', ['-c', headerProbe(luks.device)], { encoding: 'utf8' }))
  const damage = (...places: [from: number, to: number][]) => {
    const bytes = readFileSync(luks.device)
    for (const [from, to] of places) bytes.fill(1, from, to)
    writeFileSync(luks.device, bytes)
    return bytes
  }

  test('it says what cryptsetup says', () => {
    const header = probed()
    expect(header).toMatchObject({
      version: 2,
      uuid,
      label: 'data',
      subsystem: 'home/kube1',
      copyBytes: 16384,
    })
    expect(header!.keyslots).toEqual([{ slot: 0, kdf: 'pbkdf2', offset: 32768, bytes: 258048 }])
    expect(header!.intact).toEqual([true, true])
  })

  test.each<[string, [number, number], [boolean, boolean]]>([
    ['first', [0, 4096], [false, true]],
    ["first copy's text", [4200, 4210], [false, true]],
    ['second', [16384, 16400], [true, false]],
  ])('a damaged %s is told, and no byte is mended', (_, place, intact) => {
    const bytes = damage(place)
    expect(probed()).toMatchObject({ uuid, intact })
    expect(readFileSync(luks.device).equals(bytes)).toBe(true)
  })

  test('with both copies damaged there is none', () => {
    damage([0, 100], [16384, 16400])
    expect(probed()).toBeUndefined()
  })

  test('a header of LUKS1 is one', () => {
    const format = '--type luks1 --batch-mode --pbkdf-force-iterations 1000 --key-file'
    luks.cryptsetup(['luksFormat', ...format.split(' '), luks.keyFile, '--uuid', uuid, luks.device])
    expect(probed()).toMatchObject({ version: 1, uuid, keyslots: [{ slot: 0 }] })
  })

  test('a device that ends too early, or is not there, is no device without a header', () => {
    writeFileSync(luks.device, readFileSync(luks.device).subarray(0, 20000))
    expect(probed).toThrow('could not be read to its end')
    writeFileSync(luks.device, '')
    expect(probed).toThrow('could not be read to its end')
  })

  test('its backup without what means nothing is small, and opens as the whole does', () => {
    const backup = `${luks.folder}/header`
    luks.cryptsetup(['luksHeaderBackup', luks.device, '--header-backup-file', backup])
    const whole = readFileSync(backup)
    const small = compactHeader(whole, luks.header())
    expect(gzipSync(small).length).toBeLessThan(350_000)
    writeFileSync(luks.device, Buffer.concat([small, Buffer.alloc(1024 * 1024)]))
    expect(luks.test(readFileSync(luks.keyFile))).toBe(0)
  })
})
