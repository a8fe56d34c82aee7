import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { redact } from '../../../tasks/lib/cli/redact.ts'
import { createAgeKeys } from '../../../tasks/lib/secrets/keys/age/age.ts'
import type { KeyError, KeyPlaces } from '../../../tasks/lib/secrets/keys/key-source.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { openedBySops, openedWith, sealedBySops } from '../../support/sealed-json.ts'
import { age, sops, sops312 } from '../../support/sops.ts'

const folder = mkdtempSync(join(tmpdir(), 'metaltasks-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const dataKey = new Uint8Array(randomBytes(32))
const passphrase = 'pass wörd'

const kinds = [
  ['ed25519', 'ed25519', []],
  ['rsa', 'rsa', ['-b', '2048']],
  ['rsa PKCS #1', 'rsa', ['-b', '2048', '-m', 'PEM']],
  ['rsa PKCS #8', 'rsa', ['-b', '2048', '-m', 'PKCS8']],
  ['ed25519 aes256-cbc', 'ed25519', ['-Z', 'aes256-cbc']],
  ['ed25519 aes128-ctr', 'ed25519', ['-Z', 'aes128-ctr']],
] as const

describe.each(kinds)('an ssh key of kind %s', (name, type, options) => {
  const open = sshKey(name, { type, options })
  const locked = sshKey(`${name} locked`, { type, options, passphrase })

  test('opens what the real age has encrypted', async () => {
    expect(await keysWith(open).unwrap(encryptedFor(open))).toEqual(Buffer.from(dataKey))
  })

  test('opens it with a passphrase, which is asked for once', async () => {
    const asked: string[] = []
    const askPassphrase = async (what: string) => {
      asked.push(what)
      return passphrase
    }
    const keys = keysWith(locked, { askPassphrase })
    const opened = [keys.unwrap(encryptedFor(locked)), keys.unwrap(encryptedFor(locked))]
    expect(await Promise.all(opened)).toEqual([Buffer.from(dataKey), Buffer.from(dataKey)])
    expect(asked).toEqual([`SOPS_AGE_SSH_PRIVATE_KEY_FILE (${locked.file})`])
  })

  test('wraps what the real age decrypts', async () => {
    const enc = await keysWith(open).wrap({ type: 'age', recipient: open.recipient }, dataKey)
    expect(real(age, ['-d', '-i', open.file], enc)).toEqual(Buffer.from(dataKey))
  })

  test.each([
    ['3.13.3', sops],
    ['3.12.2', sops312],
  ])('works with sops %s in both directions', async (_, program) => {
    const keys = keysWith(open)
    const sealed = await sealedBySops([[open.recipient]], { program })
    const wrapped = sealed.sops.age![0]!
    const opened = await keys.unwrap({ type: 'age', ...wrapped })
    expect(openedWith(sealed, opened)).toBe('clear')
    wrapped.enc = await keys.wrap({ type: 'age', recipient: open.recipient }, opened)
    const env = { SOPS_AGE_SSH_PRIVATE_KEY_FILE: open.file }
    expect(await openedBySops(sealed, { env, program })).toEqual({ a: 'clear' })
  })
})

describe('with an ssh key', () => {
  const open = sshKey('open', { type: 'ed25519' })
  const locked = sshKey('locked', { type: 'ed25519', passphrase })
  const enc = encryptedFor(locked)

  test('a wrong passphrase is asked for again, and said to be wrong in the end', async () => {
    const answers = ['wrong', 'wrong too', passphrase]
    expect(await keysWith(locked, { askPassphrase: async () => answers.shift() }).unwrap(enc)).toHaveLength(
      32,
    )
    const error = await failure(keysWith(locked, { askPassphrase: async () => 'wrong' }).unwrap(enc))
    expect(error.message).toBe(`the passphrase of SOPS_AGE_SSH_PRIVATE_KEY_FILE (${locked.file}) is wrong`)
  })

  test('nobody to ask is said, and no prompt hangs', async () => {
    const error = await failure(keysWith(locked).unwrap(enc))
    expect(error.message).toMatch(/is protected by a passphrase, and nobody can be asked for it$/)
  })

  test('the passphrase is not asked for where the file is for another key', async () => {
    const askPassphrase = () => expect.fail('asked')
    const error = await failure(keysWith(locked, { askPassphrase }).unwrap(encryptedFor(open)))
    expect(error.message).toBe('no identity at hand is for it')
    expect(error.tried[0]).toContain(`has ${locked.recipient.split(' ', 2).join(' ')}`)
  })

  test('~/.ssh/id_ed25519 and ~/.ssh/id_rsa are found', async () => {
    const home = await temporaryFolder()
    await mkdir(join(home, '.ssh'))
    for (const name of ['id_ed25519', 'id_rsa']) {
      await copyFile(open.file, join(home, '.ssh', name))
      const keys = createAgeKeys({ environment: {}, home, publicKeys: [] })
      expect(await keys.unwrap(encryptedFor(open))).toEqual(Buffer.from(dataKey))
      await rm(join(home, '.ssh', name))
    }
  })

  test('SOPS_AGE_SSH_PRIVATE_KEY_CMD may print it', async () => {
    const environment = { SOPS_AGE_SSH_PRIVATE_KEY_CMD: `cat '${open.file}'`, PATH: process.env.PATH! }
    const keys = createAgeKeys({ environment, publicKeys: [] })
    expect(await keys.unwrap(encryptedFor(open))).toEqual(Buffer.from(dataKey))
  })

  test('no line of it is printed', async () => {
    await keysWith(open).unwrap(encryptedFor(open))
    const line = readFileSync(open.file, 'utf8').split('\n')[2]!
    expect(redact(`it has ${line} in it`)).toBe('it has *** in it')
  })

  test.each([
    ['aes256-gcm@openssh.com', { type: 'ed25519', options: ['-Z', 'aes256-gcm@openssh.com'], passphrase }],
    ['keys of type ecdsa', { type: 'ecdsa' }],
  ])('what we cannot read is named: %s', async (words, kind) => {
    const key = sshKey(words, kind)
    const error = await failure(keysWith(key).unwrap(encryptedFor(open)))
    expect(error.tried[0]).toContain(words)
  })

  test('a small rsa key is refused as a recipient', async () => {
    const { recipient } = sshKey('small', { type: 'rsa', options: ['-b', '1024'] })
    const error = await failure(keysWith(open).wrap({ type: 'age', recipient }, dataKey))
    expect(error.message).toBe(
      'the ssh-rsa recipient cannot be used: it has 1024 bits, and 2048 are the least',
    )
  })
})

interface SshKey {
  file: string
  recipient: string
}

function sshKey(
  name: string,
  { type, options = [], passphrase = '' }: { type: string; options?: readonly string[]; passphrase?: string },
): SshKey {
  const file = join(folder, name.replaceAll(/\W/g, '-'))
  real('ssh-keygen', ['-q', '-t', type, ...options, '-N', passphrase, '-C', 'me@here', '-f', file], '')
  return { file, recipient: readFileSync(`${file}.pub`, 'utf8').trim() }
}

function keysWith({ file }: SshKey, more: Partial<KeyPlaces> = {}) {
  return createAgeKeys({ environment: { SOPS_AGE_SSH_PRIVATE_KEY_FILE: file }, publicKeys: [], ...more })
}

function encryptedFor({ recipient }: SshKey) {
  return { type: 'age' as const, recipient, enc: real(age, ['-a', '-r', recipient], dataKey).toString() }
}

function real(program: string, args: string[], input: string | Uint8Array): Buffer {
  const { stdout, stderr, status } = spawnSync(program, args, { input })
  if (status !== 0) throw new Error(stderr.toString())
  return stdout
}

async function failure(work: Promise<unknown>): Promise<KeyError> {
  return work.then(
    () => expect.fail('it opened'),
    (error) => error,
  )
}
