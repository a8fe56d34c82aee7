import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type CreatedPgpKey, createPgpKey } from '../../../tasks/lib/secrets/keys/pgp/create.ts'
import { describePgpKeys } from '../../../tasks/lib/secrets/keys/pgp/describe.ts'
import { createPgpKeys } from '../../../tasks/lib/secrets/keys/pgp/pgp.ts'
import { subkeysOnly } from '../../../tasks/lib/secrets/keys/pgp/subkeys-only.ts'
import { type GpgHome, gpgHome, gpgVersions, makeKey } from '../../support/gpg.ts'

const dataKey = new Uint8Array(randomBytes(32))
const kinds = [
  { name: 'ecc', kind: 'ecc', passphrase: undefined },
  { name: 'ecc with a passphrase', kind: 'ecc', passphrase: 'Pferd Batterie ü' },
  { name: 'rsa', kind: 'rsa', passphrase: undefined },
] as const
const keys: Record<string, CreatedPgpKey> = {}
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metaltasks-test-'))
  for (const { name, kind, passphrase } of kinds)
    keys[name] = await createPgpKey({ name: 'Ada Ö', email: 'ada@example.org', kind, passphrase })
}, 120_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each(await gpgVersions())('$version', ({ program, missing }) => {
  let home: GpgHome
  beforeEach(async () => {
    if (!missing) home = await gpgHome(program)
  })
  afterEach(() => home?.remove())

  describe.skipIf(missing).each(kinds)('a new key: $name', ({ name, passphrase = '' }) => {
    const silent = ['--pinentry-mode', 'loopback', '--passphrase', passphrase]

    test('gpg imports it and opens what is wrapped for it', async () => {
      const { fingerprint, publicArmored, privateArmored } = keys[name]!
      const enc = await wrappedFor(publicArmored, fingerprint)
      home.gpg([...silent, '--import'], { input: privateArmored })
      expect(new Uint8Array(home.gpg([...silent, '-d'], { input: enc }))).toEqual(dataKey)
    })

    test('what gpg encrypts for it is opened', async () => {
      const { fingerprint, publicArmored, privateArmored } = keys[name]!
      home.gpg(['--import'], { input: publicArmored })
      const words = ['--trust-model', 'always', '--armor', '--encrypt', '-r', fingerprint]
      const enc = home.gpg(words, { input: dataKey }).toString()
      const source = createPgpKeys({
        environment: { SOPS_GPG_EXEC: '/no/gpg' },
        publicKeys: [await keyFolder(privateArmored)],
        askPassphrase: async () => passphrase,
      })
      expect(await source.unwrap({ type: 'pgp', fp: fingerprint, enc })).toEqual(dataKey)
    })

    test('without its primary secret gpg imports it, opens with it, and can make no subkey', async () => {
      const { fingerprint, publicArmored, privateArmored } = keys[name]!
      const enc = await wrappedFor(publicArmored, fingerprint)
      home.gpg([...silent, '--import'], { input: await subkeysOnly(privateArmored) })
      expect(new Uint8Array(home.gpg([...silent, '-d'], { input: enc }))).toEqual(dataKey)
      expect(home.gpg(['--list-secret-keys', fingerprint]).toString()).toMatch(/^sec#/m)
      expect(() => home.gpg([...silent, '--quick-add-key', fingerprint, 'rsa2048', 'encrypt'])).toThrow()
    })
  })

  test.skipIf(missing)('gpg opens what is wrapped for a key that asks for newer forms', async () => {
    const { generateKey } = await import('openpgp')
    const { privateKey, publicKey } = await generateKey({
      type: 'ecc',
      curve: 'curve25519Legacy',
      userIDs: [{ name: 'Eve' }],
      format: 'object',
      config: { aeadProtect: true },
    })
    home.gpg(['--import'], { input: privateKey.armor() })
    const enc = await wrappedFor(publicKey.armor(), publicKey.getFingerprint().toUpperCase())
    expect(new Uint8Array(home.gpg(['-d'], { input: enc }))).toEqual(dataKey)
  })

  describe.skipIf(missing)('descriptions', () => {
    test('say what a key is', async () => {
      const fp = makeKey(home, { name: 'ada', expires: '2099-12-31' })
      const [ada] = await describePgpKeys(home.gpg(['--armor', '--export', 'ada']))
      expect(ada).toEqual({
        fingerprint: fp,
        userIds: ['ada <ada@example.org>'],
        created: expect.any(Date),
        expires: new Date('2099-12-31T12:00:00Z'),
        revoked: false,
        canEncrypt: true,
      })
    })

    test('say that a key has expired, or is weak', async () => {
      makeKey(home, { name: 'ada', at: '20200102T000000', expires: '1d' })
      makeKey(home, { name: 'bob', primary: 'rsa1024', subkey: 'rsa1024' })
      const [ada, bob] = await describePgpKeys(home.gpg(['--armor', '--export']))
      expect(ada).toMatchObject({ expires: new Date('2020-01-03T00:00:00Z'), canEncrypt: false })
      expect(bob).toMatchObject({ weak: 'RSA with 1024 bits', canEncrypt: false, revoked: false })
      expect(bob).not.toHaveProperty('expires')
    })

    test('see that every subkey has expired before the key itself', async () => {
      const fp = makeKey(home, { name: 'ada', at: '20200102T000000', expires: '1d' })
      home.gpg(['--pinentry-mode', 'loopback', '--passphrase', '', '--quick-set-expire', fp, '2099-12-31'])
      const [description] = await describePgpKeys(home.gpg(['--armor', '--export']))
      expect(description).toMatchObject({ expires: new Date('2020-01-03T00:00:00Z'), canEncrypt: false })
    })
  })
})

async function wrappedFor(publicArmored: string, fp: string): Promise<string> {
  const environment = { SOPS_GPG_EXEC: '/no/gpg' }
  const source = createPgpKeys({ environment, publicKeys: [await keyFolder(publicArmored)] })
  return source.wrap({ type: 'pgp', fp }, dataKey)
}

async function keyFolder(armored: string): Promise<string> {
  const path = await mkdtemp(join(folder, 'keys-'))
  await writeFile(join(path, 'ada.asc'), armored)
  return path
}
