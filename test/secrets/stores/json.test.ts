import { describe, expect, test } from 'vitest'
import type { SecretError } from '../../../tasks/lib/secrets/errors.ts'
import { jsonStore } from '../../../tasks/lib/secrets/stores/json/json-store.ts'
import type { Document } from '../../../tasks/lib/secrets/stores/store.ts'
import { entry, leaf, map } from '../../../tasks/lib/secrets/tree/tree.ts'
import { expectAgreement, marked, metadata, rewritten, thereAndBack } from './oracle.ts'

const same: Record<string, string> = {
  'whole numbers of 64 bits': '{"a":9223372036854775807,"b":-9223372036854775808,"c":0,"d":-0}',
  'a number beyond 64 bits': '{"a":9223372036854775808,"b":12345678901234567890123}',
  floats:
    '{"a":1.0,"b":1.5,"c":1e3,"d":1E-7,"e":1e21,"f":-0.0,"g":0.1,"h":1.7976931348623157e308,"i":5e-324,"j":1e-999}',
  'floats near the change of notation': '{"a":1e20,"b":1e21,"c":0.000001,"d":0.0000001,"e":123456789.5e-12}',
  'true, false and null': '{"a":true,"b":false,"c":null,"d":[null,true]}',
  'nothing in it': '{}',
  'empty maps, lists and texts': '{"a":{},"b":[],"c":"","d":[{},[],""],"e":{"f":{}}}',
  'nested maps and lists': '{"a":{"b":[1,[2,{"c":"d"}],{"e":[]}]},"f":[{"g":"h"},{"i":"j"}]}',
  'keys that look like numbers, in their order': '{"10":"a","2":"b","1":{"3":"c","0":"d"}}',
  'a key that is there twice': '{"a":"x","a":"y","b":{"c":1,"c":2}}',
  'a key __proto__': '{"__proto__":{"a":"b"},"constructor":"x"}',
  'an empty key': '{"":"a","b":{"":"c"}}',
  'a key with colons': '{"a:b":{"c":"x"},"a":{"b:c":"x"}}',
  'texts with escapes': '{"a":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\\u007f\\u00e9"}',
  'what HTML escapes': '{"<a>":"<b>&amp;</b>","c":"\\u2028\\u2029"}',
  'characters beyond ASCII': '{"ключ":"значение","b":"🎉\\ud83c\\udf89","c":"é"}',
  'lone surrogates': '{"a":"\\ud800","b":"\\udc00x","c":"\\ud800\\ud800\\udc00","\\ud800":"k"}',
  'white space everywhere': ' \r\n\t{ "a" :\t1 ,\r\n"b" : [ 1 , { } , [ ] ] } \n\n',
  'spaces as indent': '{\n  "a": {\n    "b": [\n      1,\n      "x"\n    ]\n  }\n}\n',
  'no final newline': '{\n\t"a": "b"\n}',
  'all on one line': '{"a":"b","c":["d"]}',
  CRLF: '{\r\n  "a": "b",\r\n  "c": 1\r\n}\r\n',
  'text that looks encrypted': '{"a":"ENC[AES256_GCM,data:x]"}',
  'a text of many lines': '{"a":"line 1\\nline 2\\n","b":" spaces "}',
  'keys that are clear by their suffix': '{"a_unencrypted":{"b":"c","d":1.5},"e":"f"}',
  'a Secret': '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"},"stringData":{"a":"b"}}',
}

describe.concurrent('JSON is encrypted and decrypted as by sops', () => {
  for (const [name, text] of Object.entries(same)) {
    test(name, async () => expectAgreement(text, 'json'))
  }
})

const block = `{
    "age": [
      {
        "enc": "wrapped\\n",
        "recipient": "age1x"
      }
    ],
    "lastmodified": "2024-01-02T03:04:05Z",
    "mac": "ENC[mac]",
    "unencrypted_suffix": "_unencrypted",
    "version": "3.13.3"
  }`
const compact = JSON.stringify(JSON.parse(block))

test.each([
  [
    'spaces',
    '{\n  "a": "b",\n\n  "c" : [1,2]\n}\n',
    `{\n  "a": "<B>",\n\n  "c" : ["<1>","<2>"],\n  "sops": ${block}\n}\n`,
  ],
  ['one line', '{"a":"b"}', `{"a":"<B>","sops":${compact}}`],
  ['a space behind commas', '{"a": "b", "c": 1}', `{"a": "<B>", "c": "<1>", "sops":${compact}}`],
  ['nothing in it', '{ }\n', `{\n\t"sops": ${block.replaceAll('  ', '\t')}\n}\n`],
])('the layout of JSON stays when it is encrypted: %s', async (_, text, sealed) => {
  expect(await rewritten(text, 'json')).toBe(sealed)
})

test.each([
  '{\n  "a": "b",\n\n  "c" : [1, 2.5,null , true]\n}\n',
  '{"a":"b","c":{"d":[]}}',
  '{\r\n\t"a": "<b>",\r\n\t"c": -0.0\r\n}',
  '{"a":9007199254740993,"a":"é🎉\\n"}\n\n',
])('the layout of JSON comes back when it is decrypted: %j', async (text) => {
  expect(await thereAndBack(text, 'json')).toBe(text)
})

test('a whole number that sops 3.12 encrypted as a float is shown as a whole number', () => {
  const sealed = parse(`{"a": "ENC[1]", "sops": ${block}}`, true)
  expect(rewriteJson(sealed, { branches: [map([entry('a', leaf(8080))])] })).toBe('{"a": 8080}')
})

const sealedTexts = [
  ['last', `{\n  "a": "<B>",\n  "sops": ${block}\n}\n`, '{\n  "a": "<B>"\n}\n'],
  ['first', `{\n  "sops": ${block},\n  "a": "<B>"\n}\n`, '{\n  "a": "<B>"\n}\n'],
  ['in the middle', `{\n  "a": "<B>",\n  "sops": ${block},\n  "b": 1\n}`, '{\n  "a": "<B>",\n  "b": 1\n}'],
  ['all there is', `{\n  "sops": ${block}\n}\n`, '{}\n'],
] as const

test.each(sealedTexts)('the sops block is taken away where it stands: %s', (_, text, clear) => {
  const { branches } = parse(text, true)
  expect(rewriteJson(parse(text, true), { branches })).toBe(clear)
})

test.each(sealedTexts)('a new MAC and time change nothing else: %s', (_, text) => {
  const document = parse(text, true)
  const changed = {
    branches: document.branches,
    metadata: { ...metadata, mac: 'ENC[new]', lastModified: '2025-01-01T00:00:00Z' },
  }
  const expected = text
    .replace('ENC[mac]', 'ENC[new]')
    .replace('2024-01-02T03:04:05Z', '2025-01-01T00:00:00Z')
  expect(rewriteJson(document, changed)).toBe(expected)
})

test('a block of an older sops keeps its order, its empty lists and what it says besides', () => {
  const old =
    '{"sops": {"kms": null, "pgp": [], "age": [{"recipient": "age1x", "enc": "wrapped\\n"}], "mac": "ENC[mac]", "new": 1, "lastmodified": "2024-01-02T03:04:05Z", "unencrypted_suffix": "_unencrypted", "version": "3.7.3"}, "a": "x"}'
  const document = parse(old, true)
  const changed = { branches: document.branches, metadata: { ...document.metadata!, mac: 'ENC[new]' } }
  expect(rewriteJson(document, changed)).toBe(old.replace('ENC[mac]', 'ENC[new]'))
})

test('a further recipient writes the block anew, where it stood', () => {
  const [, text] = sealedTexts[1]
  const document = parse(text, true)
  const age = { type: 'age', recipient: 'age1y', enc: 'other' } as const
  const changed = {
    branches: document.branches,
    metadata: { ...metadata, groups: [[...metadata.groups[0]!, age]] },
  }
  const item = '      {\n        "enc": "wrapped\\n",\n        "recipient": "age1x"\n      }'
  const added = item.replace('wrapped\\n', 'other').replace('age1x', 'age1y')
  expect(rewriteJson(document, changed)).toBe(text.replace(item, `${item},\n${added}`))
})

test('an edited text gets the block of the file it was decrypted from', () => {
  const like = parse(`{"a": "<B>", "sops": ${compact.replaceAll(',"', ', "')}}`, true)
  const edited = parse('{"a": "c",\n  "d": 1}', false)
  const changed = { branches: marked(edited.branches), metadata: { ...metadata, mac: 'ENC[new]' } }
  expect(Buffer.from(jsonStore.rewrite(edited, changed, { like })!).toString()).toBe(
    `{"a": "<C>",\n  "d": "<1>",\n  "sops": ${compact.replaceAll(',"', ', "').replace('ENC[mac]', 'ENC[new]')}}`,
  )
})

test('branches of another shape are not rewritten', () => {
  const document = parse('{"a": [1]}', false)
  expect(jsonStore.rewrite(document, { branches: [map([entry('a', leaf('x'))])], metadata })).toBeUndefined()
})

test.each<[string, string, number, number, string?]>([
  ['', 'is empty', 2, 1],
  ['  \n', 'is empty', 2, 2],
  ['[1]', 'object at the top', 2, 1],
  ['"a"', 'object at the top', 2, 1],
  ['\ufeff{"a":1}', 'object at the top', 2, 1],
  ['{"a":1}\n x', 'more text', 2, 2],
  ['{"a":1,}', 'expected a key', 2, 1],
  ['{"a":1 "b":2}', 'expected , or }', 2, 1],
  ['{"a":[1,]}', 'expected a value', 2, 1],
  ['{"a":[1', 'expected , or ]', 2, 1],
  ['{"a":\n', 'expected a value', 2, 2],
  ['{"a" 1}', 'expected :', 2, 1],
  ['{"a":"x', 'quote is missing', 2, 1],
  ['{"a":"x\ny"}', 'is not JSON', 2, 1],
  ['{"a":"\\x"}', 'is not JSON', 2, 1],
  ['{"a":01}', 'expected , or }', 2, 1],
  ['{"a":1.}', 'expected , or }', 2, 1],
  ['{"a":+1}', 'expected a value', 2, 1],
  ['{"a":NaN}', 'expected a value', 2, 1],
  ['{"a":True}', 'expected a value', 2, 1],
  ['{\n"a":1e999}', 'too large', 2, 2],
  [`{"a":${'['.repeat(501)}`, 'nested more than 500', 2, 1],
  [`{"a":${'['.repeat(1_000_000)}`, 'nested more than 500', 2, 1],
  ['{"b":1,\n "sops":{}}', 'sops', 203, 2],
  ['{"sops":null}', 'sops', 203, 1],
])('clear JSON %j is refused: %s', (text, message, sopsCode, line) => {
  expect(refused(text, false)).toMatchObject({
    sopsCode,
    message: expect.stringContaining(message),
    findings: [{ file: 'x.json', line }],
  })
})

test.each<[string, string, number]>([
  ['{"a":1,\n"sops":1}', 'expected a map', 2],
  [`{"sops":${compact},"sops":${compact}}`, 'more than once', 1],
  ['{"sops":{"mac":"x"}}', 'no key', 1],
  ['{', 'expected a key', 1],
])('encrypted JSON %j is refused: %s', (text, message, line) => {
  expect(refused(text, true)).toMatchObject({
    sopsCode: 1,
    message: expect.stringContaining(message),
    findings: [{ file: 'x.json', line }],
  })
})

test('what is not UTF-8, or is too large, is refused', () => {
  const parseBytes = (bytes: Uint8Array) => () => jsonStore.parse(bytes, { file: 'x.json', encrypted: false })
  expect(parseBytes(Buffer.from([0x7b, 0xff, 0x7d]))).toThrow('is not UTF-8')
  expect(parseBytes(Buffer.alloc(33 * 1024 * 1024, ' '))).toThrow('larger than 32 MiB')
})

test('an error never says what the file says', () => {
  for (const text of ['{"a":"secret', '{"a":"x"} secret', '{"a":secret}', '{"a":"\\secret"}']) {
    expect(refused(text, false).message).not.toContain('secret')
  }
})

test('JSON has no infinity', () => {
  expect(() => jsonStore.emit({ branches: [map([entry('a', leaf(Infinity))])] })).toThrow('cannot hold')
})

test('indents are as .sops.yaml sets them', () => {
  const branches = [map([entry('a', map([entry('b', leaf(1n))]))])]
  const text = (indent?: number) => Buffer.from(jsonStore.emit({ branches }, { indent })).toString()
  expect(text()).toBe('{\n\t"a": {\n\t\t"b": 1\n\t}\n}\n')
  expect(text(-1)).toBe(text())
  expect(text(2)).toBe('{\n  "a": {\n    "b": 1\n  }\n}\n')
  expect(text(0)).toBe('{\n"a": {\n"b": 1\n}\n}\n')
})

function parse(text: string, encrypted: boolean) {
  return jsonStore.parse(Buffer.from(text), { file: 'x.json', encrypted })
}

function rewriteJson(
  document: Document,
  changed: Pick<Document, 'branches' | 'metadata'>,
): string | undefined {
  return Buffer.from(jsonStore.rewrite(document, changed) ?? '').toString()
}

function refused(text: string, encrypted: boolean): SecretError {
  try {
    parse(text, encrypted)
  } catch (error) {
    return error as SecretError
  }
  return expect.fail('it was read')
}
