import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Volume } from '../../tasks/lib/node/volumes/volume.ts'
import { headerBackup } from '../../tasks/lib/volumes/header-backup.ts'
import { recoveryResource } from '../../tasks/lib/volumes/recovery.ts'
import type { RecoveryOptions } from '../../tasks/lib/volumes/recovery-actions.ts'
import { recoveryPassphrase } from '../../tasks/lib/volumes/recovery-passphrase.ts'
import { localMachine } from '../support/local-machine.ts'
import { hasCryptsetup, type LuksFile, luksFile } from '../support/luks-file.ts'
import { changesOn, converge, planFor } from '../support/machines.ts'
import { keyedProject, keylessProject } from './project.ts'

const progress = { say: () => {}, signal: new AbortController().signal }
const machine = localMachine('kube1.example.com')
const now = () => new Date('2026-11-21T17:00:00Z')

describe.skipIf(!hasCryptsetup)('what is there for the day the key server is gone', () => {
  let luks: LuksFile
  let volume: Volume
  let options: RecoveryOptions
  beforeEach(async () => {
    luks = luksFile()
    volume = { name: 'data', node: 'kube1', device: luks.device } as Volume
    const key = { read: `cat ${luks.keyFile}` }
    options = { project: await keyedProject(), key, unlock: 'key-server', now }
  })
  afterEach(() => luks.close())
  const resource = (more: Partial<RecoveryOptions> = {}) => recoveryResource(volume, { ...options, ...more })
  const passphrase = () => recoveryPassphrase(volume, options)
  const files = () => readdirSync(join(options.project.folder, 'volumes')).sort()
  const slots = () => luks.header().keyslots.map(({ slot, kdf }) => `${slot} ${kdf}`)

  test('a passphrase of its own keyslot and a backup of the header, encrypted; a second run changes nothing', async () => {
    const { changes, again } = await converge(machine, [await resource()])
    expect(changes.map(({ title }) => title)).toEqual([
      `kube1: give a recovery passphrase keyslot 7 of ${luks.device}`,
      `kube1: back up the LUKS header of ${luks.device}`,
      `kube1: try the backup of the LUKS header of ${luks.device}: the volume's key has to open it`,
    ])
    expect(again).toEqual([])
    expect(await changesOn(machine, [await resource()])).toEqual([])
    expect(slots()).toEqual(['0 pbkdf2', '7 argon2id'])
    expect(files()).toEqual(['kube1-data.header.yaml', 'kube1-data.recovery.yaml'])
    const secret = await passphrase().read()
    expect(luks.test(Buffer.from(secret))).toBe(0)
    // As it is typed at the prompt of cryptsetup.
    expect(luks.cryptsetup(['open', '--test-passphrase', luks.device], Buffer.from(`${secret}\n`))).toBe(0)
    for (const file of files()) {
      const text = readFileSync(join(options.project.folder, 'volumes', file), 'utf8')
      expect(text).not.toContain(secret)
      expect(text).toMatch(/secret: ENC\[AES256_GCM,data:/)
      expect(text).toContain('volume: "kube1/data"')
    }
    expect(statSync(headerBackup(volume, options).file).size).toBeLessThan(1_000_000)
  })

  test('the backup is that of the header as it is now, and opens with every key', async () => {
    await converge(machine, [await resource()])
    const { image, uuid } = await headerBackup(volume, options).open()
    const file = join(luks.folder, 'header')
    writeFileSync(file, image)
    expect(uuid).toBe(luks.header().uuid)
    for (const key of [readFileSync(luks.keyFile), Buffer.from(await passphrase().read())])
      expect(luks.cryptsetup(['open', '--test-passphrase', '--key-file', '-', file], key)).toBe(0)
  })

  test('a keyslot that came or went asks for a new backup', async () => {
    await converge(machine, [await resource()])
    const argv = ['luksAddKey', '--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000', '--key-file']
    luks.cryptsetup([...argv, luks.keyFile, luks.device, '-'], Buffer.from('somebody'))
    const { changes, again } = await converge(machine, [await resource()])
    expect(changes.map(({ title }) => title.split(' ')[1])).toEqual(['back', 'try'])
    expect(again).toEqual([])
  })

  test('killed after each of its steps, the next run ends the same', async () => {
    for (const done of [1, 2]) {
      for (const change of (await changesOn(machine, [await resource()])).slice(0, done))
        await change.run(progress)
      const before = await passphrase().read()
      await converge(machine, [await resource()])
      expect(await passphrase().read()).toBe(before)
      expect(slots()).toEqual(['0 pbkdf2', '7 argon2id'])
      rmSync(headerBackup(volume, options).file)
    }
  })

  test('killed before the keyslot had it, the passphrase that was written is the one that is used', async () => {
    const made = await passphrase().readOrMake(7)
    await converge(machine, [await resource()])
    expect(await passphrase().read()).toBe(made)
    expect(luks.test(Buffer.from(made), 7)).toBe(0)
  })

  test('a keyslot 7 of somebody else is left alone', async () => {
    const argv = '--pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-slot 7 --key-file'.split(' ')
    luks.cryptsetup(['luksAddKey', ...argv, luks.keyFile, luks.device, '-'], Buffer.from('somebody'))
    await converge(machine, [await resource()])
    expect(slots()).toEqual(['0 pbkdf2', '7 pbkdf2', '31 argon2id'])
    expect(await passphrase().keyslot()).toBe(31)
    expect(await changesOn(machine, [await resource()])).toEqual([])
  })

  test('a wrong key adds nothing', async () => {
    const key = { read: 'cat', input: async () => Buffer.alloc(64, 1) }
    const [add] = await changesOn(machine, [await resource({ key })])
    await expect(add!.run(progress)).rejects.toThrow('failed with exit code 2')
    expect(slots()).toEqual(['0 pbkdf2'])
  })

  test('a key that comes by stdin does too', async () => {
    const key = { read: 'cat', input: async () => readFileSync(luks.keyFile) }
    expect((await converge(machine, [await resource({ key })])).again).toEqual([])
    expect(slots()).toEqual(['0 pbkdf2', '7 argon2id'])
  })

  test('a backup that does not open is named', async () => {
    const [, take, prove] = await changesOn(machine, [await resource()])
    await take!.run(progress)
    writeFileSync(luks.keyFile, Buffer.alloc(64, 2))
    await expect(prove!.run(progress)).rejects.toThrow('failed with exit code 2')
  })

  test('without rules for secrets the volume stands, and the next thing to type is told', async () => {
    const { actions, findings } = (await resource({ project: keylessProject() })).plan({
      stdout: 'absent\n',
      stderr: '',
      exitCode: 0,
    })
    expect(actions).toEqual([])
    expect(findings).toMatchObject([
      { severity: 'warning', hint: 'create a key and the rules: tasks secrets:key' },
    ])
  })

  test('a volume that is made in the same run gets both', async () => {
    expect(planFor(await resource(), 'absent\n')).toHaveLength(3)
    expect(planFor(await resource({ unlock: 'manual' }), 'absent\n')).toHaveLength(2)
  })

  test('a rule that leaves the passphrase in clear writes nothing', async () => {
    const project = await keyedProject((recipient) => `encrypted_regex: ^password$, age: ${recipient}`)
    const [add] = await changesOn(machine, [await resource({ project })])
    await expect(add!.run(progress)).rejects.toThrow('would not be encrypted')
    expect(slots()).toEqual(['0 pbkdf2'])
  })

  test('a rule that encrypts everything does as well', async () => {
    const project = await keyedProject((recipient) => `age: ${recipient}`)
    expect((await converge(machine, [await resource({ project })])).again).toEqual([])
    expect(await changesOn(machine, [await resource({ project })])).toEqual([])
  })

  test('nothing of a header is left in memory, not even by a run that was killed', async () => {
    const old = '/dev/shm/volume-header.killed'
    mkdirSync(old)
    utimesSync(old, 0, 0)
    const device = luks.device
    await converge(machine, [await resource()])
    expect(existsSync(old)).toBe(false)
    const left = `for file in /dev/shm/volume-header.*/header; do cmp -s -n 4096 "$file" ${device} && echo "$file"; done; :`
    expect(execFileSync('sh', ['-c', left], { encoding: 'utf8' })).toBe('')
  })
})
