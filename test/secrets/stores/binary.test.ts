import { describe, expect, test } from 'vitest'
import { binaryStore } from '../../../tasks/lib/secrets/stores/json/binary-store.ts'
import { entry, leaf, map } from '../../../tasks/lib/secrets/tree/tree.ts'
import { expectAgreement, metadata, openedBySops, openedByUs, sealedBySops, sealedByUs } from './oracle.ts'

const same: Record<string, string | Uint8Array> = {
  'a text': 'hello\n',
  'an empty file': '',
  'all bytes': Buffer.from(Array.from({ length: 256 }, (_, index) => index)),
  'bytes that are almost UTF-8': Buffer.from([0xe2, 0x82, 0x41, 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xf5]),
  'a byte order mark': '\ufefftext',
  JSON: '{"data": "x", "sops": {}}',
  'a JSON file with data': '{"data":"ENC[AES256_GCM,data:x]"}\n',
  'a certificate': '-----BEGIN CERTIFICATE-----\r\nMIIB\r\n-----END CERTIFICATE-----\r\n',
  'a megabyte': Buffer.alloc(1 << 20, 'x\n'),
}

describe.concurrent('a binary file is encrypted and decrypted as by sops', () => {
  for (const [name, bytes] of Object.entries(same)) {
    test(name, async () => expectAgreement(bytes, 'binary'))
  }
})

test('selectors do not count: all of a binary file is encrypted', async () => {
  const flags = ['--encrypted-regex', '^none$']
  await expectAgreement('secret', 'binary', flags)
  const { document } = await openedByUs(await sealedBySops('secret', { type: 'binary', flags }), 'binary')
  expect(document.metadata.selectorWritten).toBe(false)
  expect(String(binaryStore.emit(document))).not.toContain('encrypted_')
})

test('an edited binary file keeps the layout of the encrypted one', async () => {
  const { document, dataKey } = await openedByUs(await sealedBySops('one', { type: 'binary' }), 'binary')
  const compact = parse(JSON.stringify(JSON.parse(document.text)), true)
  const sealed = sealedByUs(parse('two', false).branches, { metadata: document.metadata, dataKey })
  const bytes = binaryStore.rewrite(parse('two', false), sealed, { like: compact })!
  expect(Buffer.from(bytes).toString()).toMatch(/^\{"data":"ENC\[[^"]*","sops":\{"age":/)
  expect(String(await openedBySops(bytes, { type: 'binary' }))).toBe('two')
})

test('a clear binary file has no layout to keep', () => {
  const clear = parse('x', false)
  expect(binaryStore.rewrite(clear, { branches: clear.branches, metadata })).toBeUndefined()
  const bytes = binaryStore.emit({ branches: clear.branches, metadata })
  const sealed = parse(Buffer.from(bytes).toString(), true)
  expect(binaryStore.rewrite(sealed, { branches: clear.branches })).toBeUndefined()
})

test('a file that is no JSON object, or has no metadata, is clear', () => {
  for (const text of ['', 'hello', '[1]', '{"data":"x"}']) {
    expect(parse(text, true).metadata).toBeUndefined()
  }
})

test('a tree without data is no binary file', () => {
  for (const items of [[], [entry('data', leaf(1n))], [entry('data', map())], [entry('other', leaf('x'))]]) {
    expect(() => binaryStore.emit({ branches: [map(items)] })).toThrow('expected one text under the key data')
  }
})

test('indents of the encrypted file are as .sops.yaml sets them', () => {
  const branches = [map([entry('data', leaf('x'))])]
  const bytes = binaryStore.emit({ branches, metadata }, { indent: 2 })
  expect(Buffer.from(bytes).toString()).toMatch(/^\{\n {2}"data": "x",\n/)
})

function parse(text: string, encrypted: boolean) {
  return binaryStore.parse(Buffer.from(text), { file: 'x.bin', encrypted })
}
