import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPgpKey } from '../../../tasks/lib/secrets/keys/pgp/create.ts'
import { createPgpKeys } from '../../../tasks/lib/secrets/keys/pgp/pgp.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { fingerprints, type GpgHome, gpgHome, gpgVersions, makeKey } from '../../support/gpg.ts'
import { noKeys, sops, sops312, sopsOutput } from '../../support/sops.ts'

const types = ['--input-type', 'json', '--output-type', 'json']
const sopses = [
  { sopsVersion: 'sops as it is now', program: sops },
  { sopsVersion: 'sops 3.12', program: sops312 },
]

interface Sealed {
  a: string
  sops: { pgp: { fp: string; enc: string; created_at: string }[]; mac: string; lastmodified: string }
}

describe.each(await gpgVersions())('$version', ({ program: gpgProgram, missing }) => {
  let home: GpgHome
  let fp: string
  beforeAll(async () => {
    if (missing) return
    home = await gpgHome(gpgProgram)
    fp = makeKey(home, { name: 'ada' })
  })
  afterAll(() => home?.remove())

  describe.skipIf(missing).each(sopses)('$sopsVersion', ({ program }) => {
    const env = () => ({ ...noKeys, ...home.environment })

    test('what sops wraps is opened', async () => {
      const { pgp } = (await sealed(fp, { program, env: env() })).sops
      const keys = createPgpKeys({ environment: home.environment, publicKeys: [] })
      expect(await keys.unwrap({ type: 'pgp', fp, enc: pgp[0]!.enc })).toHaveLength(32)
    })

    test('sops opens what is wrapped, for a key and for one of its subkeys', async () => {
      for (const recipient of [fp, `${fingerprints(home, 'ada')[1]}!`]) {
        const file = await sealed(recipient, { program, env: env() })
        expect(file.sops.pgp[0]!.fp).toBe(recipient)
        const keys = createPgpKeys({ environment: home.environment, publicKeys: [] })
        const dataKey = await keys.unwrap({ type: 'pgp', fp: recipient, enc: file.sops.pgp[0]!.enc })
        file.sops.pgp[0]!.enc = await keys.wrap({ type: 'pgp', fp: recipient }, dataKey)
        expect(await opened(file, { program, env: env() })).toEqual({ a: 'clear' })
      }
    })

    test('sops opens a data key that gpg wraps the way sops lets it', async () => {
      const file = await sealed(fp, { program, env: env() })
      const keys = createPgpKeys({ environment: home.environment, publicKeys: [] })
      const dataKey = await keys.unwrap({ type: 'pgp', fp, enc: file.sops.pgp[0]!.enc })
      file.sops.pgp[0]!.enc = await keys.wrap({ type: 'pgp', fp: fp.slice(-16) }, dataKey)
      expect(await opened(file, { program, env: env() })).toEqual({ a: 'clear' })
    })
  })
})

test('sops opens files with a key that we made, through its own keyring file and through gpg', async () => {
  const { fingerprint, publicArmored, privateArmored } = await createPgpKey({ name: 'Ada', kind: 'ecc' })
  const folder = join(await temporaryFolder(), 'keys')
  await mkdir(folder)
  await writeFile(join(folder, 'ada.asc'), publicArmored)
  const home = await gpgHome()
  home.gpg(['--import'], { input: privateArmored })
  const env = { ...noKeys, ...home.environment }
  const file = await sealed(fingerprint, { program: sops, env })
  const withGpg = createPgpKeys({ environment: home.environment, publicKeys: [] })
  const dataKey = await withGpg.unwrap({ type: 'pgp', fp: fingerprint, enc: file.sops.pgp[0]!.enc })
  const native = createPgpKeys({ environment: { SOPS_GPG_EXEC: '/no/gpg' }, publicKeys: [folder] })
  file.sops.pgp[0]!.enc = await native.wrap({ type: 'pgp', fp: fingerprint }, dataKey)
  expect(await opened(file, { program: sops, env })).toEqual({ a: 'clear' })
  const old = await temporaryFolder()
  await writeFile(join(old, 'secring.gpg'), home.gpg([...silent, '--export-secret-keys']))
  await home.remove()
  const oldEnv = { ...noKeys, GNUPGHOME: old, SOPS_GPG_EXEC: '/no/gpg' }
  expect(await opened(file, { program: sops, env: oldEnv })).toEqual({ a: 'clear' })
})

const silent = ['--pinentry-mode', 'loopback', '--passphrase', '']

describe("sops' own test keys and files", () => {
  const folder = sopsSources()

  test.skipIf(!folder)('open every file that it tests itself with', async () => {
    const keys = join(await temporaryFolder(), 'keys')
    await mkdir(keys)
    const key = readFileSync(join(folder!, 'pgp/sops_functional_tests_key.asc'))
    await writeFile(join(keys, 'sops.asc'), key)
    const source = createPgpKeys({ environment: { SOPS_GPG_EXEC: '/no/gpg' }, publicKeys: [keys] })
    const messages = testMessages(join(folder!, 'functional-tests/res'))
    const dataKeys = await Promise.all(messages.map((enc) => source.unwrap({ type: 'pgp', fp: '', enc })))
    expect(dataKeys.map(({ length }) => length)).toEqual(Array(10).fill(32))
  })
})

/** Every PGP message in a folder of encrypted files, of whatever kind they are. */
function testMessages(folder: string): string[] {
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  const pattern = /-----BEGIN PGP MESSAGE-----[\s\S]*?-----END PGP MESSAGE-----/g
  const found = texts.flatMap((text) => text.match(pattern) ?? [])
  return found.map((text) => text.replace(/(\\\\n|\\n)/g, '\n').replace(/^[ \t]+/gm, ''))
}

/** Where go keeps the sources of sops; undefined without go, or where it has them not. */
function sopsSources(): string | undefined {
  const cwd = join(import.meta.dirname, '../../support/go/sops')
  const words = ['list', '-m', '-f', '{{.Dir}}', 'github.com/getsops/sops/v3']
  const { status, stdout } = spawnSync('go', words, { cwd, encoding: 'utf8' })
  return (status === 0 && stdout?.trim()) || undefined
}

async function sealed(
  fp: string,
  { program, env }: { program: string; env: Record<string, string> },
): Promise<Sealed> {
  const args = ['encrypt', ...types, '--pgp', fp, '--filename-override', 'a.json']
  return JSON.parse((await sopsOutput(args, { input: '{"a":"clear"}', program, env })).toString())
}

async function opened(
  file: Sealed,
  { program, env }: { program: string; env: Record<string, string> },
): Promise<unknown> {
  const args = ['decrypt', ...types]
  return JSON.parse((await sopsOutput(args, { input: JSON.stringify(file), program, env })).toString())
}
