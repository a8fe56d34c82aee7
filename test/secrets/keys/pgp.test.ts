import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KeyPlaces } from '../../../tasks/lib/secrets/keys/key-source.ts'
import { openByNode, readPgpMessage } from '../../../tasks/lib/secrets/keys/pgp/open-message.ts'
import { createPgpKeys } from '../../../tasks/lib/secrets/keys/pgp/pgp.ts'
import { type GpgHome, gpgHome, gpgVersions, makeKey } from '../../support/gpg.ts'

/** Keys that gpg makes: what the primary key is, and its subkey to encrypt for. */
const kinds = [
  { name: 'rsa3072', primary: 'rsa3072', subkey: 'rsa3072' },
  { name: 'curve25519', primary: 'ed25519', subkey: 'cv25519' },
  { name: 'nistp256', primary: 'nistp256', subkey: 'nistp256' },
  { name: 'nistp384', primary: 'nistp384', subkey: 'nistp384' },
  { name: 'nistp521', primary: 'nistp521', subkey: 'nistp521' },
]

const dataKey = new Uint8Array(randomBytes(32))

describe.each(await gpgVersions())('$version', ({ program, missing }) => {
  let home: GpgHome
  let folder: string
  const fps: Record<string, string> = {}

  beforeAll(async () => {
    if (missing) return
    home = await gpgHome(program)
    folder = await mkdtemp(join(tmpdir(), 'metaltasks-test-'))
    for (const { name, primary, subkey } of kinds) fps[name] = makeKey(home, { name, primary, subkey })
  }, 60_000)

  afterAll(async () => {
    await home?.remove()
    if (folder) await rm(folder, { recursive: true, force: true })
  })

  const places = (more: Partial<KeyPlaces> = {}): KeyPlaces => ({
    environment: home.environment,
    home: home.folder,
    publicKeys: [],
    ...more,
  })
  const withoutGpg = () => ({ ...home.environment, SOPS_GPG_EXEC: '/no/gpg', GNUPGHOME: '/no/home' })

  describe.skipIf(missing).each(kinds)('$name', ({ name }) => {
    test('what is wrapped with its public key in a file, gpg decrypts', async () => {
      const publicKeys = [
        await keyFolder({ file: 'ada.asc', bytes: home.gpg(['--armor', '--export', name]) }),
      ]
      const keys = createPgpKeys(places({ environment: withoutGpg(), publicKeys }))
      const enc = await keys.wrap({ type: 'pgp', fp: fps[name]! }, dataKey)
      expect(enc).toMatch(/^-----BEGIN PGP MESSAGE-----\n[\s\S]*\n-----END PGP MESSAGE-----$/)
      expect(decrypted(home, enc)).toEqual(dataKey)
    })

    test("what is wrapped with its public key in gpg's keyring, gpg decrypts", async () => {
      const enc = await createPgpKeys(places()).wrap({ type: 'pgp', fp: fps[name]! }, dataKey)
      expect(decrypted(home, enc)).toEqual(dataKey)
    })

    test('what gpg encrypts is opened with gpg', async () => {
      const enc = encrypted(home, name)
      expect(await createPgpKeys(places()).unwrap({ type: 'pgp', fp: fps[name]!, enc })).toEqual(dataKey)
    })

    test('what gpg encrypts is opened without gpg, by the secret key in a file', async () => {
      const enc = encrypted(home, name)
      const bytes = home.gpg(['--armor', '--export-secret-keys', name])
      const publicKeys = [await keyFolder({ file: 'ada.asc', bytes })]
      const keys = createPgpKeys(places({ environment: withoutGpg(), publicKeys }))
      expect(await keys.unwrap({ type: 'pgp', fp: fps[name]!, enc })).toEqual(dataKey)
    })

    test('what gpg encrypts is opened without gpg, by the secret subkey alone in a file', async () => {
      const enc = encrypted(home, name)
      const bytes = home.gpg(['--armor', '--export-secret-subkeys', name])
      const publicKeys = [await keyFolder({ file: 'ci.asc', bytes })]
      const keys = createPgpKeys(places({ environment: withoutGpg(), publicKeys }))
      expect(await keys.unwrap({ type: 'pgp', fp: fps[name]!, enc })).toEqual(dataKey)
    })

    test('what gpg encrypts is opened by node alone: openpgp would be many times slower', async () => {
      const { readPrivateKey } = await import('openpgp')
      const key = await readPrivateKey({ binaryKey: home.gpg(['--export-secret-keys', name]) })
      expect(openByNode(readPgpMessage(encrypted(home, name)), key)).toEqual(Buffer.from(dataKey))
    })
  })

  async function keyFolder({ file, bytes }: { file: string; bytes: Uint8Array }): Promise<string> {
    const path = await mkdtemp(join(folder, 'keys-'))
    await writeFile(join(path, file), bytes)
    return path
  }
})

function encrypted(home: GpgHome, recipient: string): string {
  const words = ['--trust-model', 'always', '--armor', '--encrypt', '-r', recipient]
  return home.gpg(words, { input: dataKey }).toString().trim()
}

function decrypted(home: GpgHome, enc: string): Uint8Array {
  return new Uint8Array(home.gpg(['-d'], { input: enc }))
}
