import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { redact } from '../../../tasks/lib/cli/redact.ts'
import { createAgeKeys } from '../../../tasks/lib/secrets/keys/age/age.ts'
import { armor } from '../../../tasks/lib/secrets/keys/age/armor.ts'
import { createAgeKey } from '../../../tasks/lib/secrets/keys/age/create.ts'
import { recipientOf } from '../../../tasks/lib/secrets/keys/age/recipient.ts'
import type { KeyError, KeyPlaces } from '../../../tasks/lib/secrets/keys/key-source.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { openedBySops, openedWith, sealedBySops } from '../../support/sealed-json.ts'
import { age, ageKeygen, freshAgeKey, sops, sops312 } from '../../support/sops.ts'

const dataKey = new Uint8Array(randomBytes(32))
const kinds = [
  { kind: 'X25519', postQuantum: false },
  { kind: 'post-quantum', postQuantum: true },
]

function keysAt(environment: Record<string, string>, more: Partial<KeyPlaces> = {}) {
  return createAgeKeys({ environment, publicKeys: [], ...more })
}

function ageKey(recipient: string, enc?: string) {
  return { type: 'age' as const, recipient, enc }
}

function real(program: string, args: string[], input: string | Uint8Array): Buffer {
  const { stdout, stderr, status } = spawnSync(program, args, { input })
  if (status !== 0) throw new Error(stderr.toString())
  return stdout
}

describe.each(kinds)('$kind keys', ({ postQuantum }) => {
  const { recipient, identity } = freshAgeKey({ postQuantum })
  const keys = keysAt({ SOPS_AGE_KEY: identity })

  test('open what the real age has encrypted', async () => {
    const enc = real(age, ['-a', '-r', recipient], dataKey).toString()
    expect(await keys.unwrap(ageKey(recipient, enc))).toEqual(Buffer.from(dataKey))
  })

  test('wrap what the real age decrypts', async () => {
    const file = join(await temporaryFolder(), 'keys.txt')
    await writeFile(file, identity)
    const enc = await keys.wrap(ageKey(recipient), dataKey)
    expect(real(age, ['-d', '-i', file], enc)).toEqual(Buffer.from(dataKey))
    expect(enc).toMatch(
      /^-----BEGIN AGE ENCRYPTED FILE-----\n([^\n]{64}\n)*[^\n]{1,64}\n-----END [^\n]*-----\n$/,
    )
  })

  test.each([
    ['3.13.3', sops],
    ['3.12.2', sops312],
  ])('work with sops %s in both directions', async (_, program) => {
    const sealed = await sealedBySops([[recipient]], { program })
    const opened = await keys.unwrap(ageKey(recipient, sealed.sops.age![0]!.enc))
    expect(openedWith(sealed, opened)).toBe('clear')
    sealed.sops.age![0]!.enc = await keys.wrap(ageKey(recipient), opened)
    expect(await openedBySops(sealed, { env: { SOPS_AGE_KEY: identity }, program })).toEqual({ a: 'clear' })
  })

  test('are made as age-keygen makes them', async () => {
    const made = await createAgeKey({ postQuantum, now: new Date('2026-01-02T03:04:05Z') })
    const lines = ['# created: 2026-01-02T03:04:05Z', `# public key: ${made.recipient}`, made.identity, '']
    expect(made.text).toBe(lines.join('\n'))
    expect(real(ageKeygen, ['-y'], made.text).toString()).toBe(`${made.recipient}\n`)
    expect(redact(`the key is ${made.identity}`)).toBe('the key is ***')
    expect(await recipientOf(identity)).toBe(recipient)
  })

  test.each([0, 1, 30, 100, -1, -20, -60])('refuse a file whose byte %i was changed', async (at) => {
    const enc = await keys.wrap(ageKey(recipient), dataKey)
    const bytes = Buffer.from(enc.split('\n').slice(1, -2).join(''), 'base64')
    bytes[at < 0 ? bytes.length + at : at]! ^= 1
    const lines = bytes.toString('base64').match(/.{1,64}/g)!
    const changed = [enc.split('\n')[0], ...lines, '-----END AGE ENCRYPTED FILE-----', ''].join('\n')
    await expect(keys.unwrap(ageKey(recipient, changed))).rejects.toThrow(
      /damaged|changed|begin|no identity|alid/,
    )
  })
})

test('a file to which a recipient was added by hand is refused', async () => {
  const { recipient, identity } = freshAgeKey()
  const file = real(age, ['-r', recipient], dataKey).toString('latin1')
  const changed = Buffer.from(file.replace('\n---', '\n-> another x\n\n---'), 'latin1')
  const work = keysAt({ SOPS_AGE_KEY: identity }).unwrap(ageKey(recipient, armor(changed)))
  await expect(work).rejects.toThrow('its header was changed')
})

test('a file for several recipients is opened by each of them', async () => {
  const [one, two] = [freshAgeKey(), freshAgeKey()]
  const enc = real(age, ['-a', '-r', one.recipient, '-r', two.recipient], dataKey).toString()
  for (const { recipient, identity } of [one, two]) {
    expect(await keysAt({ SOPS_AGE_KEY: identity }).unwrap(ageKey(recipient, enc))).toEqual(
      Buffer.from(dataKey),
    )
  }
})

describe('an identity is found', () => {
  const { recipient, identity } = freshAgeKey()
  const other = freshAgeKey()
  const enc = real(age, ['-a', '-r', recipient], dataKey).toString()
  const opens = async (environment: Record<string, string>, more: Partial<KeyPlaces> = {}) =>
    expect(await keysAt(environment, more).unwrap(ageKey(recipient, enc))).toEqual(Buffer.from(dataKey))

  test('among several words of SOPS_AGE_KEY', async () => {
    await opens({ SOPS_AGE_KEY: `${other.identity} ${identity}\n# a comment\n` })
  })

  test('in the file that SOPS_AGE_KEY_FILE names, whatever its line ends', async () => {
    const file = join(await temporaryFolder(), 'my keys')
    await writeFile(file, `# created\r\n\r\n${other.identity}\r\n${identity}\r\n`)
    await opens({ SOPS_AGE_KEY_FILE: file })
  })

  test('in what SOPS_AGE_KEY_CMD prints, which is told the recipient and runs once for each', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, recipient), identity)
    await writeFile(join(folder, 'runs.sh'), `echo >>"$1/runs"; cat "$1/$SOPS_AGE_RECIPIENT"`)
    const keys = keysAt({ SOPS_AGE_KEY_CMD: `sh "${folder}/runs.sh" '${folder}'`, PATH: process.env.PATH! })
    await Promise.all([1, 2, 3].map(() => keys.unwrap(ageKey(recipient, enc))))
    expect(real('cat', [join(folder, 'runs')], '').toString()).toBe('\n')
  })

  test('in keys.txt below $XDG_CONFIG_HOME, or below ~/.config', async () => {
    const home = await temporaryFolder()
    for (const config of [join(home, '.config'), join(home, 'elsewhere')]) {
      await mkdir(join(config, 'sops/age'), { recursive: true })
      await writeFile(join(config, 'sops/age/keys.txt'), identity)
    }
    await opens({}, { home })
    await opens({ XDG_CONFIG_HOME: join(home, 'elsewhere') })
  })

  test('beside a line that is none, which is told of where nothing opens', async () => {
    const broken = `${identity.slice(0, -1)}${identity.endsWith('Q') ? 'P' : 'Q'}`
    await opens({ SOPS_AGE_KEY: `${broken}\n${identity}` })
    const error = await failure(keysAt({ SOPS_AGE_KEY: broken }).unwrap(ageKey(recipient, enc)))
    expect(error.tried[0]).toBe('SOPS_AGE_KEY: line 1 has a typing error')
  })
})

test('an error names every place that was looked at, and none of what is secret', async () => {
  const [file, mine] = [freshAgeKey(), freshAgeKey()]
  const home = await temporaryFolder()
  await writeFile(join(home, 'empty'), '# nothing\n')
  const keys = keysAt({ SOPS_AGE_KEY: mine.identity, SOPS_AGE_KEY_FILE: join(home, 'empty') }, { home })
  const enc = real(age, ['-a', '-r', file.recipient], dataKey).toString()
  const error = await failure(keys.unwrap(ageKey(file.recipient, enc)))
  expect(error.message).toBe('no identity at hand is for it')
  expect(error.tried).toEqual([
    `SOPS_AGE_KEY: has ${mine.recipient}`,
    `SOPS_AGE_KEY_FILE (${home}/empty): empty`,
    'SOPS_AGE_KEY_CMD: not set',
    `${home}/.config/sops/age/keys.txt: missing`,
  ])
  expect(error.hint).toBe(
    `put the identity into ${home}/.config/sops/age/keys.txt; it is on paper: tasks secrets:key --recover; ` +
      'it is lost: tasks secrets:key, and somebody who can read it runs tasks secrets:updatekeys',
  )
})

test('what is no age file is damaged', async () => {
  const { recipient, identity } = freshAgeKey()
  const error = await failure(keysAt({ SOPS_AGE_KEY: identity }).unwrap(ageKey(recipient, 'nonsense')))
  expect(error.message).toMatch(/^its data key is damaged: it does not begin with -----BEGIN AGE/)
})

async function failure(work: Promise<unknown>): Promise<KeyError> {
  return work.then(
    () => expect.fail('it opened'),
    (error) => error,
  )
}
