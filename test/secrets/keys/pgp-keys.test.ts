import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { redact } from '../../../tasks/lib/cli/redact.ts'
import type { KeyPlaces } from '../../../tasks/lib/secrets/keys/key-source.ts'
import { readPgpMessage } from '../../../tasks/lib/secrets/keys/pgp/open-message.ts'
import { createPgpKeys } from '../../../tasks/lib/secrets/keys/pgp/pgp.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { atTime, fingerprints, type GpgHome, gpgHome, gpgVersions, makeKey } from '../../support/gpg.ts'

const dataKey = new Uint8Array(randomBytes(32))
const passphrase = 'korrekt Pferd ä'

describe.each(await gpgVersions())('$version', ({ program, missing }) => {
  let home: GpgHome
  beforeEach(async () => {
    if (!missing) home = await gpgHome(program)
  })
  afterEach(() => home?.remove())

  const places = (more: Partial<KeyPlaces> = {}): KeyPlaces => ({
    environment: home.environment,
    home: home.folder,
    publicKeys: [],
    ...more,
  })
  const withoutGpg = (publicKeys: string[]) =>
    places({ environment: { SOPS_GPG_EXEC: '/no/gpg', GNUPGHOME: '/no/home' }, publicKeys })

  describe.skipIf(missing)('passphrases', () => {
    const lockedKey = async () => {
      makeKey(home, { name: 'ada', passphrase })
      await writeFile(join(home.folder, 'gpg-agent.conf'), 'pinentry-program /no/pinentry\ns2k-count 65536\n')
      home.endAgent()
    }

    test('are asked once for a key of gpg, where gpg cannot ask itself', async () => {
      await lockedKey()
      const asked: string[] = []
      const keys = createPgpKeys(places({ askPassphrase: answer([passphrase], asked) }))
      const opened = await Promise.all(messages(home, 6).map((enc) => keys.unwrap(pgpKey(enc))))
      expect(opened).toEqual(Array(6).fill(dataKey))
      expect(asked).toEqual(['the PGP key ada <ada@example.org>'])
      expect(redact(`the passphrase is ${passphrase}`)).toBe('the passphrase is ***')
    })

    test('are asked once for a secret key in a file', async () => {
      await lockedKey()
      const asked: string[] = []
      const keys = createPgpKeys({
        ...withoutGpg([await keyFolder(exported(home, { secret: true, passphrase }))]),
        askPassphrase: answer([passphrase], asked),
      })
      const opened = await Promise.all(messages(home, 6).map((enc) => keys.unwrap(pgpKey(enc))))
      expect(opened).toEqual(Array(6).fill(dataKey))
      expect(asked).toEqual(['the PGP key ada <ada@example.org>'])
    })

    test('are asked again after a wrong one', async () => {
      await lockedKey()
      const [enc] = messages(home, 1)
      const withGpg = createPgpKeys(places({ askPassphrase: answer(['wrong', passphrase]) }))
      expect(await withGpg.unwrap(pgpKey(enc))).toEqual(dataKey)
      const folder = await keyFolder(exported(home, { secret: true, passphrase }))
      const file = createPgpKeys({ ...withoutGpg([folder]), askPassphrase: answer(['wrong', passphrase]) })
      expect(await file.unwrap(pgpKey(enc))).toEqual(dataKey)
    })

    test('that are wrong three times are refused', async () => {
      await lockedKey()
      const [enc] = messages(home, 1)
      const askPassphrase = answer(['a', 'b', 'c'])
      const withGpg = createPgpKeys(places({ askPassphrase })).unwrap(pgpKey(enc))
      await expect(withGpg).rejects.toMatchObject({ message: 'the passphrase is wrong' })
      const folder = await keyFolder(exported(home, { secret: true, passphrase }))
      const file = createPgpKeys({ ...withoutGpg([folder]), askPassphrase: answer(['a', 'b', 'c']) })
      await expect(file.unwrap(pgpKey(enc))).rejects.toMatchObject({
        message: 'the passphrase of the PGP key ada <ada@example.org> is wrong',
        tried: [join(folder, 'key.asc')],
      })
    })

    test('that nobody can be asked for are named with the way to be asked', async () => {
      await lockedKey()
      const [enc] = messages(home, 1)
      await expect(createPgpKeys(places()).unwrap(pgpKey(enc))).rejects.toMatchObject({
        message: 'gpg has no way to ask for the passphrase',
        hint: 'apt install pinentry-curses, then: export GPG_TTY=$(tty)',
      })
    })
  })

  describe.skipIf(missing)('keys that are not what they were', () => {
    test('one that has expired opens files, and nothing is encrypted for it', async () => {
      const fp = makeKey(home, { name: 'ada', at: '20200102T000000', expires: '1d' })
      const [enc] = messages(home, 1, atTime('20200102T000000'))
      const folder = await keyFolder(exported(home, { secret: true }))
      expect(await createPgpKeys(withoutGpg([folder])).unwrap(pgpKey(enc))).toEqual(dataKey)
      for (const where of [withoutGpg([folder]), places()]) {
        await expect(createPgpKeys(where).wrap({ type: 'pgp', fp }, dataKey)).rejects.toMatchObject({
          message: `the key of ada <ada@example.org> expired on 2020-01-03`,
          hint: expect.stringContaining(`gpg --quick-set-expire ${fp} 2y && `),
        })
      }
      extend(home, fp)
      const extended = createPgpKeys(places({ publicKeys: [folder] }))
      expect(decrypted(home, await extended.wrap({ type: 'pgp', fp }, dataKey))).toEqual(dataKey)
    })

    test('one that was revoked opens files, and nothing is encrypted for it', async () => {
      const fp = makeKey(home, { name: 'ada' })
      const [enc] = messages(home, 1)
      const certificate = await readFile(join(home.folder, 'openpgp-revocs.d', `${fp}.rev`), 'utf8')
      home.gpg(['--import'], { input: certificate.replace(':-----BEGIN', '-----BEGIN') })
      const folder = await keyFolder(exported(home, { secret: true }))
      expect(await createPgpKeys(withoutGpg([folder])).unwrap(pgpKey(enc))).toEqual(dataKey)
      await expect(createPgpKeys(places()).wrap({ type: 'pgp', fp }, dataKey)).rejects.toMatchObject({
        message: 'the key of ada <ada@example.org> was revoked',
      })
    })

    test('one of RSA with 1024 bits works both ways, as in sops', async () => {
      const fp = makeKey(home, { name: 'ada', primary: 'rsa1024', subkey: 'rsa1024' })
      const [enc] = messages(home, 1)
      const folder = await keyFolder(exported(home, { secret: true }))
      const keys = createPgpKeys(withoutGpg([folder]))
      expect(await keys.unwrap(pgpKey(enc))).toEqual(dataKey)
      const wrapped = await keys.wrap({ type: 'pgp', fp }, dataKey)
      expect(await keys.unwrap(pgpKey(wrapped))).toEqual(dataKey)
    })

    test('one that nobody has is named with the way to bring it', async () => {
      const fp = '0123456789012345678901234567890123456789'
      await expect(createPgpKeys(places()).wrap({ type: 'pgp', fp }, dataKey)).rejects.toMatchObject({
        message: 'gpg does not know its public key',
        hint: `put the public key into secrets/keys/NAME.asc: gpg --armor --export ${fp}`,
      })
      await expect(createPgpKeys(withoutGpg([])).wrap({ type: 'pgp', fp }, dataKey)).rejects.toMatchObject({
        message: '/no/gpg is not installed',
      })
    })
  })

  describe.skipIf(missing)('several subkeys', () => {
    test('the newest one is encrypted for, and with "!" the one that is named', async () => {
      const fp = makeKey(home, { name: 'ada', at: '20200102T000000' })
      home.gpg([...silent, '--quick-add-key', fp, 'nistp256', 'encrypt', 'never'])
      const [, older, newest] = fingerprints(home, 'ada')
      const folder = await keyFolder(exported(home))
      const wrappedFor: [string, string][] = [
        [fp, newest!],
        [`${older}!`, older!],
        [`${newest}!`, newest!],
        [older!, newest!],
      ]
      for (const where of [places(), withoutGpg([folder])]) {
        for (const [wanted, used] of wrappedFor) {
          const enc = await createPgpKeys(where).wrap({ type: 'pgp', fp: wanted }, dataKey)
          expect(readPgpMessage(enc).ids).toEqual([used.slice(-16)])
          expect(decrypted(home, enc)).toEqual(dataKey)
          expect(await createPgpKeys(places()).unwrap(pgpKey(enc))).toEqual(dataKey)
        }
      }
    })

    test('a primary key that is only for signing is not encrypted for, even with "!"', async () => {
      const fp = makeKey(home, { name: 'ada' })
      const wrap = createPgpKeys(places()).wrap({ type: 'pgp', fp: `${fp}!` }, dataKey)
      await expect(wrap).rejects.toMatchObject({ message: 'gpg cannot encrypt for it' })
    })
  })

  describe.skipIf(missing)('places', () => {
    test('a key file may hold several keys, armored or not', async () => {
      const fps = ['ada', 'bob', 'eve'].map((name) => makeKey(home, { name }))
      for (const bytes of [exported(home, { names: [] }), home.gpg(['--export'])]) {
        const keys = createPgpKeys(withoutGpg([await keyFolder(bytes)]))
        for (const fp of fps) {
          const enc = await keys.wrap({ type: 'pgp', fp }, dataKey)
          expect(decrypted(home, enc)).toEqual(dataKey)
        }
      }
    })

    test('keyrings of gpg before 2.1 are read without gpg', async () => {
      const fp = makeKey(home, { name: 'ada' })
      const old = await temporaryFolder()
      await writeFile(join(old, 'secring.gpg'), home.gpg([...silent, '--export-secret-keys']))
      await writeFile(join(old, 'pubring.gpg'), home.gpg(['--export']))
      const environment = { SOPS_GPG_EXEC: '/no/gpg', GNUPGHOME: old }
      const keys = createPgpKeys(places({ environment }))
      const enc = await keys.wrap({ type: 'pgp', fp }, dataKey)
      expect(await keys.unwrap(pgpKey(enc))).toEqual(dataKey)
    })

    test('a recipient that is not a fingerprint is refused, as sops does', async () => {
      const wrap = createPgpKeys(places()).wrap({ type: 'pgp', fp: 'ada@example.org' }, dataKey)
      await expect(wrap).rejects.toMatchObject({ message: 'it is not the fingerprint of a PGP key' })
    })

    test('a long key id is left to gpg', async () => {
      const fp = makeKey(home, { name: 'ada' })
      const enc = await createPgpKeys(places()).wrap({ type: 'pgp', fp: fp.slice(-16) }, dataKey)
      expect(decrypted(home, enc)).toEqual(dataKey)
    })

    test('a message that hides for whom it is opens with a key in a file, and with gpg', async () => {
      makeKey(home, { name: 'ada' })
      const [enc] = messages(home, 1, ['--throw-keyids'])
      const folder = await keyFolder(exported(home, { secret: true }))
      expect(await createPgpKeys(withoutGpg([folder])).unwrap(pgpKey(enc))).toEqual(dataKey)
      expect(await createPgpKeys(places()).unwrap(pgpKey(enc))).toEqual(dataKey)
    })

    test('gpg is not asked again for a key that it does not have', async () => {
      makeKey(home, { name: 'ada' })
      const encs = messages(home, 3)
      const other = await gpgHome(program)
      const log = join(await temporaryFolder(), 'log')
      const counting = join(other.folder, 'gpg')
      await writeFile(counting, `#!/bin/sh\necho >> '${log}'\nexec ${program.path} "$@"\n`, { mode: 0o755 })
      const keys = createPgpKeys(places({ environment: { ...other.environment, SOPS_GPG_EXEC: counting } }))
      for (const enc of encs)
        await expect(keys.unwrap(pgpKey(enc))).rejects.toMatchObject({
          message: 'gpg has no secret key for it',
        })
      await other.remove()
      expect(await readFile(log, 'utf8')).toBe('\n')
    })
  })
})

const silent = ['--pinentry-mode', 'loopback', '--passphrase', '']

function pgpKey(enc: string | undefined) {
  return { type: 'pgp' as const, fp: '', enc }
}

function messages(home: GpgHome, count: number, options: string[] = []): string[] {
  const words = [...options, '--trust-model', 'always', '--armor', '--encrypt', '-r', 'ada']
  return Array.from({ length: count }, () => home.gpg(words, { input: dataKey }).toString().trim())
}

function exported(
  home: GpgHome,
  {
    secret = false,
    passphrase = '',
    names = ['ada'],
  }: { secret?: boolean; passphrase?: string; names?: string[] } = {},
): Buffer {
  if (!secret) return home.gpg(['--armor', '--export', ...names])
  const words = ['--pinentry-mode', 'loopback', '--passphrase', passphrase]
  return home.gpg([...words, '--armor', '--export-secret-keys', ...names])
}

function extend(home: GpgHome, fp: string): void {
  const [, subkey] = fingerprints(home, 'ada')
  home.gpg([...silent, '--quick-set-expire', fp, '2y'])
  home.gpg([...silent, '--quick-set-expire', fp, '2y', subkey!])
}

async function keyFolder(bytes: Uint8Array): Promise<string> {
  const folder = join(await temporaryFolder(), 'keys')
  await mkdir(folder)
  await writeFile(join(folder, 'key.asc'), bytes)
  return folder
}

function answer(answers: string[], asked: string[] = []): (what: string) => Promise<string | undefined> {
  return async (what) => {
    asked.push(what)
    return answers[asked.length - 1]
  }
}

function decrypted(home: GpgHome, enc: string): Uint8Array {
  return new Uint8Array(home.gpg(['-d'], { input: enc }))
}
