import { describe, expect, test } from 'vitest'
import type { Metadata } from '../../../tasks/lib/secrets/metadata/metadata.ts'
import { yamlStore } from '../../../tasks/lib/secrets/stores/yaml/yaml-store.ts'
import type { MapNode } from '../../../tasks/lib/secrets/tree/tree.ts'
import { mapLeaves } from '../../../tasks/lib/secrets/tree/walk.ts'
import { metadata, openedBySops, openedByUs, sealedBySops, sealedByUs, withoutPlaces } from './oracle.ts'

function read(text: string | Uint8Array, { encrypted = false } = {}) {
  return yamlStore.parse(Buffer.from(text), { file: 'a.yaml', encrypted })
}

const looksSealed = (text: string, type: string) => `ENC[AES256_GCM,data:${text},iv:a,tag:b,type:${type}]`

// Stands for encryption where texts are compared: each value and comment looks like a ciphertext.
function sealed(branches: MapNode[]): MapNode[] {
  return mapLeaves(
    branches,
    () => true,
    ({ item }) =>
      item.type === 'comment'
        ? { ...item, text: looksSealed('c', 'comment') }
        : { ...item, value: item.value === '' ? '' : looksSealed('v', 'str') },
  )
}

function seal(text: string): string {
  const document = read(text)
  return String(yamlStore.rewrite(document, { branches: sealed(document.branches), metadata }))
}

function openAgain(text: string): string {
  const document = read(seal(text), { encrypted: true })
  return String(yamlStore.rewrite(document, { branches: read(text).branches }))
}

// Ciphertexts short, blocks as one line.
function shown(text: string): string {
  return text
    .replaceAll(/ENC\[[^\]]*type:(\w)\w*\]/g, 'E$1')
    .replaceAll(/^sops:\r?\n(?: [^\n]*(?:\n|$))*/gm, (block) => `SOPS${/\r?\n$/.exec(block)?.[0] ?? ''}`)
}

const layouts = [
  ['blank lines and indents stay', 'a: 1\n\n\nb:\n   c: x\n', 'a: Es\n\n\nb:\n   c: Es\nSOPS\n'],
  ['quotes go', 'a: "x"\nb: \'y\'\nc: "1"\n', 'a: Es\nb: Es\nc: Es\nSOPS\n'],
  ['blocks become one line', 'a: |\n  x\n  y\nb: >-\n  z\n', 'a: Es\nb: Es\nSOPS\n'],
  ['a text over several lines becomes one', 'a: x\n  y\nb: "z\n  z"\n', 'a: Es\nb: Es\nSOPS\n'],
  ['comments stay where they are', '# a\n\nb: x  # c\n# d\n', '#Ec\n\nb: Es  #Ec\n#Ec\nSOPS\n'],
  ['a comment behind the sign of a block stays', 'a: | # b\n  x\n', 'a: Es #Ec\nSOPS\n'],
  [
    'a comment of a list stays a comment',
    'a:\n  - x # b\n  # c\n  - y\n',
    'a:\n  - Es #Ec\n  #Ec\n  - Es\nSOPS\n',
  ],
  ['brackets stay', 'a: [x, {b: "y"}]\n', "a: ['Es', {b: 'Es'}]\nSOPS\n"],
  ['documents stay', '---\na: x\n---\nb: y\n...\n', '---\na: Es\nSOPS\n---\nb: Es\nSOPS\n...\n'],
  ['line ends of Windows stay', 'a: x\r\nb: |\r\n  y\r\n', 'a: Es\r\nb: Es\r\nSOPS\r\n'],
  ['a text without a last line end stays so', 'a: x', 'a: Es\nSOPS'],
  ['null and empty values stay', 'a:\nb: ~\nc: ""\nd: []\ne: {}\n', 'a:\nb: ~\nc: ""\nd: []\ne: {}\nSOPS\n'],
  ['empty lines at the end stay', 'a: x\n\n\n', 'a: Es\nSOPS\n\n\n'],
  ['a block that keeps its empty lines', 'a: |+\n  x\n\n', 'a: Es\nSOPS\n'],
  [
    'a comment that no reader finds is not left in clear',
    'a:\n-\n# b\n\n  - {c: x}\nd: y\n',
    "a:\n-\n#\n\n  - {c: 'Es'}\nd: Es\nSOPS\n",
  ],
  ['lists below their dashes', 'a:\n- - x\n  - y\n- b: z\n', 'a:\n- - Es\n  - Es\n- b: Es\nSOPS\n'],
] as const

test.each(layouts)('%s', (_, text, expected) => {
  expect(shown(seal(text))).toBe(expected)
})

const same = [
  'a: 1\n\n\nb:\n   c: x\n',
  '# a\n\nb: x  # c\n# d\n',
  'a: | # b\n   x\n    y\n\n   z\nc:\n   d: 1\n',
  'a: |-\n    x\n    y\nb: 2\nc: |\n    z\n',
  'a:\n  - x # b\n  # c\n  - z\n  # d\ne: "1"\nf: "yes"\ng: a, b\n',
  'a: [x, {b: \'y, z\'}, "1", true, null]\n',
  '---\na: x\n\n---\n# b\nc: z\n...\n',
  'a: x\r\n\r\n# b\r\nc: |\r\n    z\r\n    z\r\n',
  'a: x',
  'a:\n- - x\n  - z\n-   b: z\n',
  'a: 2024-01-02T03:04:05Z\nb: 1.5\nc: true\nd: ~\ne: ""\nf: .inf\n',
]

test.each(same)('encrypted and decrypted again a text is the same: %j', (text) => {
  expect(openAgain(text)).toBe(text)
})

test('values keep their type whatever they look like, in a block and in brackets', () => {
  const texts = [
    '123',
    'true',
    '',
    '~',
    '2024-01-02',
    'a: b',
    'a #b',
    '- a',
    ' a',
    'a\nb',
    '\ta\nb',
    'a\n',
    'a, b',
    ']',
  ]
  const lines = texts.map((value, index) => `k${index}: ${JSON.stringify(value)}`)
  const text = `${lines.join('\n')}\nf: {${lines.join(', ')}}\nl:\n  - ${texts.map((value) => JSON.stringify(value)).join('\n  - ')}\n`
  expect(withoutPlaces(read(openAgain(text)).branches)).toEqual(withoutPlaces(read(text).branches))
})

describe('the sops block', () => {
  const clear = 'a: x\nb: y\n'
  const block = seal(clear).replace('version: 3.13.3', 'version:   3.13.3 # kept')
  const after: Metadata = { ...metadata, lastModified: '2025-02-03T04:05:06Z', mac: 'ENC[other]' }

  test('changes only in the time and the MAC, where nothing else changed', () => {
    const document = read(block, { encrypted: true })
    const bytes = yamlStore.rewrite(document, { branches: document.branches, metadata: after })
    const expected = block
      .replace(metadata.lastModified, after.lastModified)
      .replace('ENC[mac]', 'ENC[other]')
    expect(String(bytes)).toBe(expected)
  })

  test('is written anew where its keys changed', () => {
    const document = read(block, { encrypted: true })
    const bytes = yamlStore.rewrite(document, {
      branches: document.branches,
      metadata: { ...after, macOnlyEncrypted: true },
    })
    expect(String(bytes)).toContain('    mac_only_encrypted: true\n')
    expect(String(bytes)).not.toContain('# kept')
  })

  test('is taken from another state of the file', () => {
    const source = read('a: x\n\nb: z\n')
    const like = read(block, { encrypted: true })
    const bytes = yamlStore.rewrite(source, { branches: sealed(source.branches), metadata: after }, { like })
    expect(String(bytes)).toContain('ENC[other]')
    expect(String(bytes)).toContain('version:   3.13.3 # kept')
  })
})

test('what came out of an alias cannot be written in its place', () => {
  const source = read('a: &x 1\nb: *x\n')
  expect(yamlStore.rewrite(source, { branches: sealed(source.branches), metadata })).toBeUndefined()
})

const real = [
  '# head\n\na: "1"   # inline\nb:\n  c: |\n    x\n\n    y\n  # in b\n  d: [1, two, {e: 1.5}]\n\n# last\nlist:\n  # of x\n  - x\n  - - true\n    # nested\n    - 2024-01-02\n  - k: ~\n',
  'a: x\n---\nb: |-\n  y\n...\n---\nc:\n- d # e\n',
  'a: x\r\nb:\r\n  - y\r\n  # z\r\n  - "1"\r\n',
]

test.each(real)('the real sops opens what was encrypted in its layout: %j', async (text) => {
  const bySops = await sealedBySops(text, { type: 'yaml' })
  const { document, dataKey } = await openedByUs(bySops, 'yaml')
  const source = read(text)
  const ours = yamlStore.rewrite(
    source,
    sealedByUs(source.branches, { metadata: document.metadata, dataKey }),
  )!
  const values = async (bytes: Uint8Array) => String(await openedBySops(bytes, { type: 'yaml', to: 'json' }))
  expect(await values(ours)).toBe(await values(bySops))
})

test.each(real)(
  'what sops encrypted, decrypted and encrypted again keeps all its bytes: %j',
  async (text) => {
    const bySops = await sealedBySops(text, { type: 'yaml' })
    const { document, clear } = await openedByUs(bySops, 'yaml')
    const edited = read(yamlStore.rewrite(document, { branches: clear })!)
    const again = yamlStore.rewrite(edited, document, { like: document })
    expect(String(again)).toBe(String(bySops))
  },
)
