import { createCipheriv, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { TaskError } from '../../tasks/lib/cli/errors.ts'
import { clearText, openDocument, parseSealed, sealText } from '../../tasks/lib/secrets/engine.ts'
import { createAgeKeys } from '../../tasks/lib/secrets/keys/age/age.ts'
import { x25519Identity, x25519IdentityText } from '../../tasks/lib/secrets/keys/age/x25519.ts'
import { splitSecret } from '../../tasks/lib/secrets/keys/shamir.ts'
import { readRules } from '../../tasks/lib/secrets/rules/rules.ts'
import { type FileType, fileTypes } from '../../tasks/lib/secrets/stores/store.ts'
import { temporaryFolder } from '../support/cli.ts'
import { holderOf } from '../support/key-kinds.ts'
import { runSops } from '../support/sops.ts'

const identity = x25519IdentityText(randomBytes(32))
const recipient = String(x25519Identity(identity)!.recipient())
const holder = holderOf([[{ type: 'age', recipient }]], { env: { SOPS_AGE_KEY: identity } })
const policy = {
  groups: holder.groups,
  selector: { kind: 'unencrypted_suffix', value: '_unencrypted' },
  macOnlyEncrypted: false,
} as const
const ageKeys = createAgeKeys({ environment: {}, publicKeys: [] })
const dataKey = randomBytes(32)

/** What became of a file: its clear text, or the sentence of its error. Any error that is not ours fails the test. */
async function open(text: string | Uint8Array, type: FileType = 'json'): Promise<string> {
  try {
    const document = await parseSealed(Buffer.from(text), { file: 'a', type })
    const opened = await openDocument(document, { file: 'a', keyring: holder.keyring })
    await clearText(opened, { keepFormat: true })
    return Buffer.from(await clearText(opened)).toString()
  } catch (error) {
    return sentence(error)
  }
}

async function read(text: string | Uint8Array, type: FileType): Promise<string> {
  const options = { file: 'a', type, policy, keyring: holder.keyring, now: new Date() }
  return sealText(Buffer.from(text), options).then(() => 'sealed', sentence)
}

function sentence(error: unknown): string {
  if (error instanceof TaskError) return `refused: ${error.findings[0]?.message ?? error.message}`
  throw error
}

/** A ciphertext as somebody makes it who has the data key: everybody with the public key can choose one. */
function sealed(plain: string, { type = 'str', at = '' } = {}): string {
  const iv = randomBytes(32)
  const cipher = createCipheriv('aes-256-gcm', dataKey, iv).setAAD(Buffer.from(at))
  const data = Buffer.concat([cipher.update(plain), cipher.final()])
  const [d, i, t] = [data, iv, cipher.getAuthTag()].map((part) => part.toString('base64'))
  return `ENC[AES256_GCM,data:${d},iv:${i},tag:${t},type:${type}]`
}

const lastmodified = '2024-01-02T03:04:05Z'

/** A file that is right in all that is not given. */
async function file(values: object, sops: object = {}): Promise<string> {
  const enc = await ageKeys.wrap({ type: 'age', recipient }, dataKey)
  const block = {
    age: [{ recipient, enc }],
    lastmodified,
    mac: sealed('X', { at: lastmodified }),
    version: '3.13.3',
  }
  return JSON.stringify({ ...values, sops: { ...block, ...sops } })
}

describe('a file that is too much is refused with a sentence', () => {
  const deep = (open: string, close: string, count = 100_000) => open.repeat(count) + close.repeat(count)
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
  for (let level = 1; level < 12; level++) {
    const [name, before] = [level, level - 1].map((at) => String.fromCharCode(97 + at))
    bomb.push(`${name}: &${name} [${`*${before}, `.repeat(9)}]`)
  }
  const cases: [string, FileType, string | Uint8Array, RegExp][] = [
    ['JSON lists in lists', 'json', `{"a": ${deep('[', ']')}}`, /more than 500 levels/],
    ['JSON maps in maps', 'json', deep('{"a":', '}'), /more than 500 levels|expected a value/],
    ['YAML lists in lists', 'yaml', `a: ${deep('[', ']')}`, /more than 500 levels/],
    ['YAML maps in maps', 'yaml', deep('{a: ', '}', 20_000), /more than 500 levels/],
    ['YAML lists by dashes', 'yaml', `a: \n  ${'- '.repeat(20_000)}x`, /more than 500 levels/],
    ['YAML indented ever deeper', 'yaml', indented(2000), /more than 500 levels/],
    ['aliases of aliases', 'yaml', bomb.join('\n'), /aliases that stand for more than/],
    ['an alias in its own anchor', 'yaml', 'a: &a [*a]', /more than|inside its own anchor/],
    ['33 MiB of text', 'yaml', Buffer.alloc(33 * 1024 * 1024, 'a'), /larger than 32 MiB/],
    ['33 MiB of dotenv', 'dotenv', Buffer.alloc(33 * 1024 * 1024, 'a'), /larger than 32 MiB/],
    ['a whole number of a million digits', 'json', `{"a": ${'9'.repeat(1_000_000)}}`, /too large/],
  ]

  test.each(cases)('%s, as clear text', async (_, type, text, expected) => {
    expect(await read(text, type)).toMatch(expected)
  })

  test.each(cases)('%s, as an encrypted file', async (_, type, text, expected) => {
    expect(await open(text, type)).toMatch(expected)
  })

  function indented(levels: number): string {
    return Array.from({ length: levels }, (_, level) => `${' '.repeat(level)}a:`).join('\n')
  }
})

describe('a file that is long in an odd way takes no longer than another', () => {
  const many = 60_000
  const cases: [string, FileType, string][] = [
    ['open brackets', 'yaml', '['.repeat(400)],
    ['quotes that do not end', 'yaml', `a: "${'\\"'.repeat(many)}`],
    ['indicators', 'yaml', '? '.repeat(many)],
    ['colons', 'yaml', ': '.repeat(many)],
    ['comments', 'yaml', '# \n'.repeat(many)],
    [
      'comments further and further in',
      'yaml',
      `a:\n${Array.from({ length: 2000 }, (_, at) => `${' '.repeat(at)}#\n`).join('')}`,
    ],
    ['blank lines in a text', 'yaml', `a: "x${'\n'.repeat(many)}y"`],
    ['blank lines in a block', 'yaml', `a: |\n${'\n'.repeat(many)} y`],
    ['document marks', 'yaml', '---\n'.repeat(5000)],
    ['anchors', 'yaml', Array.from({ length: 20_000 }, (_, at) => `a${at}: &a${at} x`).join('\n')],
    ['tags', 'yaml', `a: ${'!x '.repeat(many)}`],
    ['backslashes', 'json', `{"a": "${'\\'.repeat(many)}`],
    ['quotes', 'json', `{"a": ${'"'.repeat(many)}`],
    ['spaces', 'json', `{"a"${' '.repeat(many)}`],
    ['equals signs', 'dotenv', `a${'='.repeat(many)}`],
    ['backslashes', 'dotenv', `a=${'\\'.repeat(many)}`],
    ['back quotes', 'ini', 'a = ```'.repeat(many)],
    ['sections', 'ini', '[a]\n'.repeat(many)],
    ['sections that do not end', 'ini', '['.repeat(many)],
    ['semicolons', 'ini', '; ;\n'.repeat(many)],
    ['steps of a list', 'dotenv', `sops_${'a__list_0'.repeat(10_000)}=x`],
    ['a list with a gap', 'dotenv', 'sops_age__list_999999999__map_enc=x'],
    [
      'beginnings of ciphertexts',
      'dotenv',
      `a=ENC[AES256_GCM,data:${'a,iv:a,tag:a,type:a'.repeat(10_000)}\n`,
    ],
  ]

  test.each(cases)('%s (%s)', async (_, type, text) => {
    expect(await read(text, type)).toBeDefined()
    expect(await open(text, type)).toBeDefined()
  })

  test('a ciphertext whose marks come again and again', async () => {
    const text = `ENC[AES256_GCM,data:${'a,iv:a,tag:a,type:a'.repeat(20_000)}`
    expect(await open(await file({ a: text }))).toMatch(/refused: a: the value is not encrypted/)
    expect(await open(await file({ a: `${text}]` }))).toMatch(/refused: a: the value has the unknown type/)
  })
})

describe('a sops block of wrong types is refused with a sentence', () => {
  const wrong = [null, true, 0, -1, 1e300, 'x', '', [], [[]], [null], [1], {}, { a: {} }, [{ enc: 1 }]]
  const fields = ['age', 'pgp', 'kms', 'key_groups', 'shamir_threshold', 'lastmodified', 'mac', 'version']
  const more = ['unencrypted_suffix', 'encrypted_regex', 'mac_only_encrypted', 'hc_vault', '__proto__']

  test.each([...fields, ...more])('%s', async (field) => {
    for (const value of wrong) {
      const text = await file({ a: sealed('b', { at: 'a:' }) })
      const changed = text.replace('"sops":{', `"sops":{${JSON.stringify(field)}:${JSON.stringify(value)},`)
      expect(await open(changed)).toMatch(/^refused: /)
    }
  })

  test('the block itself', async () => {
    for (const value of wrong) expect(await open(JSON.stringify({ sops: value }))).toMatch(/^refused: /)
    for (const type of fileTypes) expect(await open('', type)).toMatch(/^refused: /)
  })

  test.each(['(', '[a', 'a{1001}', '(?=a)', '\\1', '(?<n', '*'])(
    'the expression %s',
    async (encrypted_regex) => {
      expect(await open(await file({}, { encrypted_regex }))).toMatch(/expected a regular expression of RE2/)
    },
  )
})

describe('a selector takes linear time on any key', () => {
  const key = 'a'.repeat(2000)

  test.each([
    ['(a+)+$', 'b'],
    ['(a|a)*b', 'c'],
    [`${'(a|a)'.repeat(60)}b`, 'c'],
    [`${'(a|a|)'.repeat(60)}$b`, ''],
    ['(.*)(.*)(.*)(.*)(.*)b$', 'c'],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', ''],
  ])('%s', async (encrypted_regex, end) => {
    expect(await open(await file({ [key + end]: 'clear' }, { encrypted_regex }))).toMatch(/^refused: /)
  })
})

describe('whoever has a public key can encrypt anything, and it stays what it is', () => {
  const value = (plain: string, type: string) => file({ a: sealed(plain, { type, at: 'a:' }) })

  test.each([
    ['int', '1'.repeat(1_000_000)],
    ['int', '9223372036854775808'],
    ['int', '0x10'],
    ['float', 'constructor'],
    ['float', '__proto__'],
    ['float', '1e999'],
    ['float', ''],
    ['bool', 'yes'],
    ['time', '2024-01-02T03:04:05Z\nb: injected'],
    ['time', '2024-13-02T03:04:05Z'],
    ['comment', 'text'],
    ['toString', 'x'],
    ['__proto__', 'x'],
  ])('a value of type %s that is none', async (type, plain) => {
    expect(await open(await value(plain, type))).toMatch(/^refused: a: /)
  })

  test('a text that looks like the rest of a file is a text', async () => {
    const text = 'x"\n}\nsops: {}\n---\n# [a]\nb = c'
    for (const type of fileTypes) {
      const inside = type === 'ini' ? { DEFAULT: {}, s: { a: text } } : { a: text }
      const clear = type === 'binary' ? text : JSON.stringify(inside)
      const options = { file: 'a', policy, keyring: holder.keyring, now: new Date() }
      const from = type === 'binary' ? type : 'json'
      const bytes = await sealText(Buffer.from(clear), { ...options, type: from, outputType: type })
      const document = await parseSealed(bytes, { file: 'a', type })
      const opened = await openDocument(document, { file: 'a', keyring: holder.keyring })
      const back = Buffer.from(await clearText(opened, { type: from })).toString()
      expect(type === 'binary' ? back : JSON.stringify(JSON.parse(back))).toBe(clear)
    }
  })

  test('the MAC can be nothing but its text', async () => {
    for (const [plain, type] of [
      ['1', 'int'],
      ['True', 'bool'],
      ['X', 'comment'],
      ['', 'str'],
    ] as const)
      expect(await open(await file({}, { mac: sealed(plain, { type, at: lastmodified }) }))).toMatch(/MAC/)
  })
})

describe('keys with names of JavaScript are keys', () => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '2', '1', '', 'sops_']
  const clear = `{${names.map((name, at) => `${JSON.stringify(name)}: {"__proto__": "value ${at}"}`).join(', ')}}`

  test.each(['json', 'yaml'] as const)('in %s, in their order, as for the real sops', async (type) => {
    const options = {
      file: `a.${type}`,
      type: 'json',
      policy,
      keyring: holder.keyring,
      now: new Date(),
    } as const
    const bytes = await sealText(Buffer.from(clear), { ...options, outputType: type })
    expect(({} as Record<string, unknown>)['value 0']).toBeUndefined()
    const types = ['--input-type', type, '--output-type', type]
    const { stdout, stderr } = await runSops(['decrypt', ...types], { input: bytes, env: holder.env })
    expect(stderr).toBe('')
    expect(await open(bytes, type)).toBe(stdout)
    const order = [...stdout.matchAll(/value (\d)/g)].map(([, at]) => Number(at))
    expect(order).toEqual(names.map((_, at) => at))
  })

  test('in the sops block they are fields that sops does not know', async () => {
    const text = await file({})
    for (const name of ['__proto__', 'constructor']) {
      const changed = text.replace('"sops":{', `"sops":{${JSON.stringify(name)}:{"mac":"x","polluted":true},`)
      expect(await open(changed)).toMatch(/MAC/)
    }
    expect(await open('sops___proto____map_polluted=1\nsops_mac=x\n', 'dotenv')).toMatch(/^refused/)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe('keys that cannot be right are refused with a sentence', () => {
  const shares = splitSecret(dataKey, { parts: 3, threshold: 2 })
  const group = async (share: Uint8Array) => ({
    age: [{ recipient, enc: await ageKeys.wrap({ type: 'age', recipient }, share) }],
  })
  const groups = async (parts: Uint8Array[], threshold?: number) => {
    const key_groups = await Promise.all(parts.map(group))
    return open(
      await file(
        {},
        { age: [], key_groups, ...(threshold !== undefined && { shamir_threshold: threshold }) },
      ),
    )
  }

  test('Shamir thresholds', async () => {
    expect(await groups(shares, 2)).toMatch(/MAC/)
    expect(await groups(shares, 1)).toMatch(/at least 2 shares are needed/)
    expect(await groups(shares, 255)).toMatch(/3 of 255 key groups/)
    for (const threshold of [256, 1e9, -1, 1.5])
      expect(await groups(shares, threshold)).toMatch(/from 0 to 255/)
  })

  test('shares: one twice, of another length, empty, number 0', async () => {
    const [first, second] = shares as [Uint8Array, Uint8Array]
    expect(await groups([first, first])).toMatch(/is there twice/)
    expect(await groups([first, second.subarray(1)])).toMatch(/differ in length/)
    expect(await groups([first.subarray(32), second.subarray(32)])).toMatch(/^refused/)
    expect(await groups([first, Uint8Array.from([...second.subarray(0, 32), 0])])).toMatch(/number 0/)
  })

  test('a data key of another length', async () => {
    const enc = await ageKeys.wrap({ type: 'age', recipient }, randomBytes(31))
    expect(await open(await file({}, { age: [{ recipient, enc }] }))).toMatch(/31 bytes, not 32/)
  })

  test('an identity file whose passphrase would take all memory to check', async () => {
    const body = randomBytes(32).toString('base64').replace(/=+$/, '')
    const header = (factor: string) =>
      `age-encryption.org/v1\n-> scrypt ${randomBytes(16).toString('base64').slice(0, 22)} ${factor}\n${body}\n--- ${body}\n`
    for (const factor of ['23', '64', '999', '1e9', '-1']) {
      const { keyring } = holderOf(holder.groups, { env: { SOPS_AGE_KEY_FILE: temporary(header(factor)) } })
      const document = await parseSealed(Buffer.from(await file({})), { file: 'a', type: 'json' })
      await expect(openDocument(document, { file: 'a', keyring })).rejects.toThrow(TaskError)
    }
  })

  test.each([
    '',
    'x',
    '-----BEGIN AGE ENCRYPTED FILE-----',
    '-----BEGIN PGP MESSAGE-----\n\n-----END PGP MESSAGE-----',
  ])('an enc of %j', async (enc) => {
    expect(await open(await file({}, { age: [{ recipient, enc }] }))).toMatch(/cannot be opened/)
    expect(
      await open(await file({}, { age: [], pgp: [{ fp: 'A'.repeat(40), created_at: lastmodified, enc }] })),
    ).toMatch(/cannot be opened/)
  })
})

describe('bytes that are no text', () => {
  const bytes: [string, Uint8Array][] = [
    ['NUL', Buffer.from('a: b\0c\n')],
    ['no UTF-8', Buffer.from([0x61, 0x3a, 0x20, 0xff, 0xfe, 0x0a])],
    ['half a character', Buffer.from('a: é').subarray(0, -1)],
    ['UTF-16', Buffer.from('\ufeffa: b', 'utf16le')],
    ['a byte order mark', Buffer.from('\ufeffa: b\n')],
    ['all bytes', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
  ]

  test.each(bytes)('%s', async (_, content) => {
    for (const type of fileTypes) {
      expect(await read(content, type)).toMatch(/^(sealed|refused: )/)
      expect(await open(content, type)).toMatch(/^refused: /)
    }
  })
})

test('rules that are damaged are refused with a sentence', async () => {
  const texts = [
    '',
    '[]',
    'creation_rules: 1',
    'creation_rules: [1]',
    'a: &a [*a]',
    '\0',
    'creation_rules: [{path_regex: "("}]',
    '__proto__: {}',
    `creation_rules: ${'['.repeat(10_000)}`,
  ]
  for (const text of texts) {
    const rules = await readRules(temporary(text, '.sops.yaml')).catch(sentence)
    const found =
      typeof rules === 'string'
        ? rules
        : await Promise.resolve()
            .then(() => rules.policyFor('a.yaml'))
            .catch(sentence)
    expect(found).toMatch(/^refused: /)
  }
})

function temporary(text: string, name = 'keys.txt'): string {
  return `${temporaryFolder({ [name]: text })}/${name}`
}
