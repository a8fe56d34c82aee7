import { describe, expect, test } from 'vitest'
import type { SecretError } from '../../../tasks/lib/secrets/errors.ts'
import { dotenvStore } from '../../../tasks/lib/secrets/stores/flat/dotenv-store.ts'
import { jsonStore } from '../../../tasks/lib/secrets/stores/json/json-store.ts'
import { entry, leaf, list, map, Timestamp } from '../../../tasks/lib/secrets/tree/tree.ts'
import {
  expectAgreement,
  marked,
  metadata,
  openedBySops,
  rewritten,
  sealedBySops,
  thereAndBack,
} from './oracle.ts'

const same: Record<string, string> = {
  'plain values': 'A=1\nB=two\n',
  'nothing in it': '',
  'only a comment': '# a comment\n',
  'comments between values': '# first\nA=1\n#second\n#\n\n# third\nB=2\n# last\n',
  'blank lines': '\n\nA=1\n\n\nB=2\n\n',
  'no final newline': 'A=1\nB=2',
  'an empty value': 'A=\nB=x\n',
  'quotes, which belong to the value': 'A="x"\nB=\'y\'\nC="a # b"\n',
  'equals signs in a value': 'A=b=c==\n',
  'spaces around everything': ' A =  b \nexport C=d\n\tE=f\t\n',
  '\\n for a newline': 'A=line 1\\nline 2\\n\nB=a\\\\nb\n',
  'a # in a value': 'A=x # not a comment\n',
  'an indented comment, which needs an = to be a key': ' # x=y\n',
  'a key that is there twice': 'A=1\nA=2\n',
  'an empty key': '=x\n',
  'CRLF, whose CR belongs to the value': 'A=1\r\n# c\r\nB=2\r\n',
  'characters beyond ASCII': 'КЛЮЧ=значение\n# 🎉\nB=é\u2028\n',
  'a byte order mark': '\ufeffA=1\nB=2\n',
  'NUL and other control characters': 'A=\u0000\u0001\u001b\n',
  'keys that are clear by their suffix': 'A_unencrypted=x\nB=y\n',
  'text that looks encrypted': 'A=ENC[AES256_GCM,data:x]\n',
  'a key that starts like metadata': 'sops=1\nSOPS_A=2\nxsops_=3\n',
  'JSON in a value': 'A={"b": [1, "c"]}\n',
}

describe.concurrent('dotenv is encrypted and decrypted as by sops', () => {
  for (const [name, text] of Object.entries(same)) {
    test(name, async () => expectAgreement(text, 'dotenv'))
  }
})

const block = `sops_age__list_0__map_enc=wrapped\\n
sops_age__list_0__map_recipient=age1x
sops_lastmodified=2024-01-02T03:04:05Z
sops_mac=ENC[mac]
sops_unencrypted_suffix=_unencrypted
sops_version=3.13.3
`

test('the layout of dotenv stays when it is encrypted', async () => {
  const text = '# one\n\nA=x\\ny\n\n\n#two\nB=\n'
  expect(await rewritten(text, 'dotenv')).toBe(`#< ONE>\n\nA=<X\\nY>\n\n\n#<TWO>\nB=<>\n${block}`)
})

test('metadata starts on a line of its own', async () => {
  expect(await rewritten('A=x', 'dotenv')).toBe(`A=<X>\n${block}`)
  expect(await rewritten('', 'dotenv')).toBe(block)
})

test.each(['# one\n\nA="x"\n\n#two\nB=a=b\\nc\n', 'A=x\r\n#y\r\n', '\n\nA= x \n\n', ''])(
  'the layout of dotenv comes back when it is decrypted: %j',
  async (text) => {
    expect(await thereAndBack(text, 'dotenv')).toBe(text)
  },
)

const old = `sops_version=3.7.3
sops_mac=ENC[mac]
A=<X>
sops_lastmodified=2024-01-02T03:04:05Z

sops_age__list_0__map_recipient=age1x
sops_age__list_0__map_enc=wrapped\\n
#<C>
sops_unencrypted_suffix=_unencrypted
`

test('lines of metadata stay where they stand, in any order', () => {
  const document = parse(old, true)
  const changed = { branches: document.branches, metadata: { ...document.metadata!, mac: 'ENC[new]' } }
  expect(text(dotenvStore.rewrite(document, changed))).toBe(old.replace('ENC[mac]', 'ENC[new]'))
})

test('lines of metadata are taken away wherever they stand', () => {
  const document = parse(old, true)
  expect(text(dotenvStore.rewrite(document, { branches: document.branches }))).toBe('A=<X>\n\n#<C>\n')
})

test('a further recipient writes the metadata anew, where its first line stood', () => {
  const document = parse(old, true)
  const age = { type: 'age', recipient: 'age1y', enc: 'other' } as const
  const changed = {
    branches: document.branches,
    metadata: { ...metadata, groups: [[...metadata.groups[0]!, age]] },
  }
  const lines = 'sops_age__list_1__map_enc=other\nsops_age__list_1__map_recipient=age1y\nsops_lastmodified'
  expect(text(dotenvStore.rewrite(document, changed))).toBe(
    `${block.replace('sops_lastmodified', lines)}A=<X>\n\n#<C>\n`,
  )
})

test('an edited text gets the metadata of the file it was decrypted from', () => {
  const like = parse(old, true)
  const edited = parse('\nB=y\n', false)
  const changed = { branches: marked(edited.branches), metadata: { ...like.metadata!, mac: 'ENC[new]' } }
  const lines = old.replace(/(A=<X>|#<C>)\n|\n(?=\n)/g, '').replace('ENC[mac]', 'ENC[new]')
  expect(text(dotenvStore.rewrite(edited, changed, { like }))).toBe(`\nB=<Y>\n${lines}`)
})

test('an encrypted file whose line ends git changed to CRLF is read', () => {
  const document = parse(`A=<X>\r\n#c\r\n\r\n${block.replaceAll('\n', '\r\n')}`, true)
  expect(document.metadata).toEqual(metadata)
  expect(text(dotenvStore.emit(document))).toBe(`A=<X>\n#c\n${block}`)
})

test('a value that dotenv cannot hold is not rewritten, and emitted as sops does', () => {
  const document = parse('A=x\n', false)
  const branches = [map([entry('A', leaf('a\\nb'))])]
  expect(dotenvStore.rewrite(document, { branches })).toBeUndefined()
  expect(text(dotenvStore.emit({ branches }))).toBe('A=a\\nb\n')
})

test.each<[string, string, number, number]>([
  ['A=1\nsecret\n', 'expected KEY=VALUE', 2, 2],
  ['A=1\r\n\r\nB=2\r\n', 'expected KEY=VALUE', 2, 2],
  [' # indented', 'expected KEY=VALUE', 2, 1],
  ['A=1\n\nsops_version=1\n', 'sops_version', 203, 3],
])('clear dotenv %j is refused: %s', (source, message, sopsCode, line) => {
  const error = refused(source, false)
  expect(error).toMatchObject({ sopsCode, findings: [{ file: 'x.env', line }] })
  expect(error.message).toContain(message)
  expect(error.message).not.toContain('secret')
})

test.each<[string, string, number]>([
  ['A=1\nsops_version=1\n', 'no key', 2],
  ['sops_age=x\nsops_age__list_0__map_enc=y\n', 'damaged', 1],
  ['sops_age__list_1__map_enc=y\n', 'damaged', 1],
  ['sops_age__list_0__map_enc=y\nsops_age__list_0__map_enc=z\n', 'damaged', 1],
  ['sops_age__list_0__map_enc=y\nsops_age__map_enc=z\n', 'damaged', 1],
  [`sops_a${'__map_a'.repeat(1000)}=y\n`, 'nested too deep', 1],
  [block.replace('2024-01-02T03', '2024-01-02 03'), 'lastmodified: expected a time', 1],
  [block.replace('2024-01-02T03', '2024-02-30T03'), 'lastmodified: expected a time', 1],
  [`${block}sops_mac_only_encrypted=maybe\n`, 'mac_only_encrypted: expected true or false', 1],
  [`${block}sops_shamir_threshold=two\n`, 'shamir_threshold: expected a whole number', 1],
  [`${block}sops_encrypted_regex=x\n`, 'expected one of', 1],
])('encrypted dotenv %j is refused: %s', (source, message, line) => {
  const error = refused(source, true)
  expect(error).toMatchObject({ sopsCode: 1, findings: [{ file: 'x.env', line }] })
  expect(error.message).toContain(message)
})

test('a file without metadata is clear text', () => {
  expect(parse('A=1\n', true).metadata).toBeUndefined()
})

test('dotenv has no maps and lists', () => {
  for (const value of [map(), list()]) {
    expect(() => dotenvStore.emit({ branches: [map([entry('A', value)])] })).toThrow(
      `value of A is a ${value.type}`,
    )
  }
})

test('bytes that are no text are written as they are', () => {
  const bytes = Buffer.from([0x41, 0xff, 0x0a, 0xfe])
  const written = dotenvStore.emit({ branches: [map([entry('A', leaf(bytes))])] })
  expect(Buffer.from(written)).toEqual(Buffer.from([0x41, 0x3d, 0x41, 0xff, 0x5c, 0x6e, 0xfe, 0x0a]))
})

test('numbers and all else are written as sops writes them', async () => {
  const json = `{"a":1,"b":1.5,"c":1000000.5,"d":999999.5,"e":123456.0,"f":1e5,"g":1e6,"h":0.0001,"i":0.00001,"j":-0.0,
    "k":1e21,"l":1e100,"m":5e-324,"n":true,"o":false,"p":null,"q":"x","r":100.0,"s":-1.5e-7,"t":12345678901234567890}`
  const { branches } = jsonStore.parse(Buffer.from(json), { file: 'x.json', encrypted: false })
  const sealed = await sealedBySops(json, { type: 'json' })
  expect(text(dotenvStore.emit({ branches }))).toBe(
    String(await openedBySops(sealed, { type: 'json', to: 'dotenv' })),
  )
  const time = [map([entry('A', leaf(new Timestamp('2024-01-02T03:04:05.678+02:00')))])]
  expect(text(dotenvStore.emit({ branches: time }))).toBe('A=2024-01-02T03:04:05+02:00\n')
})

function parse(source: string, encrypted: boolean) {
  return dotenvStore.parse(Buffer.from(source), { file: 'x.env', encrypted })
}

function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString()
}

function refused(source: string, encrypted: boolean): SecretError {
  try {
    parse(source, encrypted)
  } catch (error) {
    return error as SecretError
  }
  return expect.fail('it was read')
}
