import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Change } from '../../tasks/lib/cli/change.ts'
import { keyServerStore } from '../../tasks/lib/node/volume-keys/key-server-store.ts'
import { type RotatedVolume, readRotation } from '../../tasks/lib/node/volume-keys/rotation.ts'
import { rotationChanges } from '../../tasks/lib/node/volume-keys/rotation-changes.ts'
import { dropKeyCommands } from '../../tasks/lib/node/volume-keys/rotation-commands.ts'
import { localMachine } from '../support/local-machine.ts'
import { hasCryptsetup, type LuksFile, luksFile } from '../support/luks-file.ts'

const progress = { say: () => {}, signal: new AbortController().signal }

describe.skipIf(!hasCryptsetup)('a key is replaced', () => {
  let luks: LuksFile
  let rotated: RotatedVolume
  beforeEach(() => {
    luks = luksFile()
    const machine = localMachine('kube1.example.com')
    const store = keyServerStore(localMachine('keys'), { path: luks.path, node: 'kube1', volume: 'data' })
    rotated = { volume: { name: 'data', node: 'kube1', device: luks.device }, machine, store }
  })
  afterEach(() => luks.close())
  const plan = async () => rotationChanges(rotated, await readRotation(rotated))
  const stored = () => readFileSync(luks.keyFile)
  const make = async (changes: Change[]) => {
    for (const change of changes) await change.run(progress)
  }

  test('in five steps, after which the old key opens nothing and no keyslot is left over', async () => {
    const before = stored()
    const changes = await plan()
    expect(changes.map(({ title }) => title)).toEqual([
      'keys: make a new key beside that of data',
      `kube1: add the new key to keyslot 1 of ${luks.device}, and try it`,
      'keys: let the new key of data take the place of the old one',
      `kube1: remove the old key, keyslot 0 of ${luks.device}`,
      'keys: erase the old key of data',
    ])
    await make(changes)
    for (const change of changes) await change.verify(progress)
    expect(luks.test(before)).toBe(2)
    expect(luks.test(stored())).toBe(0)
    expect(luks.header().keyslots.map(({ slot }) => slot)).toEqual([1])
    expect(readdirSync(dirname(luks.keyFile))).toEqual(['data'])
  })

  test.each([0, 1, 2, 3, 4])(
    'B08 killed after %i of its 5 steps, the stored key opens the volume and the next run goes on',
    async (done) => {
      const before = stored()
      await make((await plan()).slice(0, done))
      expect(luks.test(stored())).toBe(0)
      const rest = await plan()
      expect(rest).toHaveLength(5 - done)
      await make(rest)
      for (const change of rest) await change.verify(progress)
      expect([luks.test(before), luks.test(stored())]).toEqual([2, 0])
      expect(luks.header().keyslots).toHaveLength(1)
    },
  )

  test('twice, and the keyslots are used in turn', async () => {
    await make(await plan())
    await make(await plan())
    expect(luks.header().keyslots.map(({ slot }) => slot)).toEqual([0])
  })

  test('B09 the last keyslot stays although the right key is given', async () => {
    const commands = dropKeyCommands({ device: luks.device, uuid: luks.header().uuid, slots: [0], stays: 0 })
    const key = stored().toString('base64')
    const script = ['set -eu', ...commands].join('\n')
    const ran = rotated.machine.run(script, { input: `${key}\n${key}\n`, allowFailure: true })
    expect((await ran).exitCode).not.toBe(0)
    expect(luks.test(stored())).toBe(0)
  })

  test('B10 a key that is in another keyslot already is not added again', async () => {
    const changes = await plan()
    await changes[0]!.run(progress)
    const next = readFileSync(`${luks.keyFile}.new`)
    const argv = [
      'luksAddKey',
      '--pbkdf',
      'pbkdf2',
      '--pbkdf-force-iterations',
      '1000',
      '--key-file',
      luks.keyFile,
      luks.device,
      '-',
    ]
    expect(luks.cryptsetup(argv, next)).toBe(0)
    await expect(changes[1]!.run(progress)).rejects.toThrow('not where the plan saw it')
    expect(luks.header().keyslots).toHaveLength(2)
    await make(await plan())
    expect(luks.header().keyslots).toHaveLength(1)
  })

  test('with other keyslots left alone', async () => {
    const other = Buffer.from('a passphrase of somebody')
    const argv = [
      'luksAddKey',
      '--pbkdf',
      'pbkdf2',
      '--pbkdf-force-iterations',
      '1000',
      '--key-slot',
      '1',
      '--key-file',
      luks.keyFile,
      luks.device,
      '-',
    ]
    expect(luks.cryptsetup(argv, other)).toBe(0)
    await make(await plan())
    expect(luks.test(other, 1)).toBe(0)
    expect(luks.header().keyslots.map(({ slot }) => slot)).toEqual([1, 2])
  })

  test('not where the key opens nothing, or is too short', async () => {
    writeFileSync(luks.keyFile, Buffer.alloc(64, 1), { mode: 0o400 })
    await expect(plan()).rejects.toThrow('opens no keyslot of the volume')
    writeFileSync(luks.keyFile, '')
    await expect(plan()).rejects.toThrow('has 0 bytes')
  })

  test('not where another volume lies there now', async () => {
    const changes = await plan()
    await changes[0]!.run(progress)
    luks.cryptsetup([
      'luksUUID',
      '--batch-mode',
      '--uuid',
      '11111111-2222-3333-4444-555555555555',
      luks.device,
    ])
    await expect(changes[1]!.run(progress)).rejects.toThrow('failed with exit code 1')
    expect(luks.header().keyslots).toHaveLength(1)
  })

  test('and its plan changes no byte', async () => {
    const bytes = readFileSync(luks.device)
    await plan()
    expect(readFileSync(luks.device).equals(bytes)).toBe(true)
    const damaged = Buffer.from(bytes)
    damaged.fill(1, 5000, 5100)
    writeFileSync(luks.device, damaged)
    await expect(plan()).rejects.toThrow('one of the two copies of its LUKS header is damaged, or older')
    expect(readFileSync(luks.device).equals(damaged)).toBe(true)
  })
})
