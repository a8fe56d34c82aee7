import { expect, test } from 'vitest'
import { yamlStore } from '../../../tasks/lib/secrets/stores/yaml/yaml-store.ts'
import {
  entry,
  leaf,
  list,
  type MapNode,
  map,
  type Node,
  Timestamp,
} from '../../../tasks/lib/secrets/tree/tree.ts'
import fc from '../../support/fast-check.ts'
import { freshAgeKey, sopsOutput } from '../../support/sops.ts'
import { sealedBySops, withoutPlaces } from './oracle.ts'

const nothing = ['--encrypted-regex', '^none$']
const { recipient } = freshAgeKey()

function read(text: string | Uint8Array, { encrypted = false } = {}) {
  return yamlStore.parse(Buffer.from(text), { file: 'a.yaml', encrypted })
}

function emitted(branch: MapNode): string {
  return Buffer.from(yamlStore.emit({ branches: [branch] })).toString()
}

// JSON says what a text is without any rule of YAML.
async function emittedBySops(value: object): Promise<string> {
  const types = ['--input-type', 'json', '--output-type', 'yaml', '--filename-override', 'a.json']
  const bytes = await sopsOutput(['encrypt', '--age', recipient, ...nothing, ...types], {
    input: JSON.stringify(value),
  })
  return bytes.toString().replace(/^sops:\n(?: .*\n)*/m, '')
}

function node(value: unknown): Node {
  if (Array.isArray(value)) return list(value.map(node))
  if (typeof value === 'object' && value !== null)
    return map(Object.entries(value).map(([key, item]) => entry(key, node(item))))
  return leaf(Number.isInteger(value) ? BigInt(value as number) : (value as string))
}

const strings = [
  ...[
    '',
    ' ',
    'a',
    ' a',
    'a ',
    'a b',
    'a: b',
    'a:',
    'a:b',
    ':a',
    ': a',
    'a #b',
    'a#b',
    '#a',
    '-',
    '- a',
    '-a',
  ],
  ...[
    '---',
    '---a',
    '...',
    '..',
    '?',
    '? a',
    '?a',
    '[a',
    ']a',
    '{a',
    '}a',
    ',a',
    '&a',
    '*a',
    '!a',
    '|a',
    '>a',
  ],
  ...[
    '%a',
    '@a',
    '`a',
    "'a",
    '"a',
    "it's",
    'say "a"',
    'a\\b',
    '=',
    '<<',
    '~',
    'null',
    'Null',
    'NULL',
    'nULL',
  ],
  ...[
    'true',
    'True',
    'TRUE',
    'tRUE',
    'false',
    'y',
    'Y',
    'n',
    'yes',
    'Yes',
    'YES',
    'no',
    'on',
    'off',
    'Off',
    'oN',
  ],
  ...[
    '0',
    '-0',
    '+1',
    '1_000',
    '0x1f',
    '0o17',
    '017',
    '08',
    '0b1',
    '1.5',
    '1.',
    '.5',
    '1e3',
    '1e400',
    '.inf',
  ],
  ...[
    '-.inf',
    '.nan',
    '18446744073709551615',
    '18446744073709551616',
    '1:20',
    '190:20:30.15',
    '1:60',
    '12:30',
  ],
  ...['2024-01-02', '2024-02-30', '2024-01-02T03:04:05Z', '2024-1-2 3:4:5', '2024-01-02 03:04:05 +02:00'],
  ...[
    'a\nb',
    'a\nb\n',
    'a\nb\n\n',
    '\n',
    '\n\n',
    '\na',
    ' a\nb',
    'a\n b',
    'a \nb',
    'a\nb ',
    'a\n\nb',
    'a\n\tb',
  ],
  ...[
    '\t',
    'a\tb',
    'a\rb',
    'a\r\nb',
    '\0',
    '\x07\x1b\x7f',
    '\x85',
    '\xa0',
    '\u2028',
    'a\u2028b',
    'a\u2029\nb',
  ],
  ...['é', '日本', '🎉', '\ufeff', '\ufeffa b', 'a\ufeff', '\ud7ff\ue000\ufffd', '\uffff', 'x'.repeat(300)],
  ...[
    'word '.repeat(60),
    `${'x '.repeat(50)}\n${'y '.repeat(50)}z`,
    '# a\nb',
    '- a\n- b',
    'a\n---\nb',
    'http://a:1/#b',
  ],
]

test('texts are written as sops writes them: as values, in lists, in maps and as keys', async () => {
  const keys = strings.filter((text) => !/^\d+$/.test(text))
  const inLists = strings.filter((text) => !/^\s.*\n|^[\s\u2028]*\n/s.test(text) && text !== '\u2028')
  const all = {
    values: Object.fromEntries(strings.map((text, index) => [`k${index}`, text])),
    keys: Object.fromEntries(keys.map((text) => [text, 'x'])),
    long: { ['k'.repeat(128)]: 1, ['k'.repeat(129)]: 2, ['é'.repeat(65)]: { a: 1 }, 'a\nb': [1] },
    list: inLists,
    maps: inLists.map((text) => ({ a: text, b: { c: [text, [text]] } })),
    empty: [{}, [], [[]], { a: {}, b: [] }, null, true, false, 12, -3],
  }
  expect(emitted(node(all) as MapNode)).toBe(await emittedBySops(all))
})

test('texts read back as they were written', () => {
  const all = node({ list: strings, map: Object.fromEntries(strings.map((text) => [`k ${text}`, [text]])) })
  expect(withoutPlaces(read(emitted(all as MapNode)).branches)).toEqual(withoutPlaces([all as MapNode]))
})

const pieces = fc.constantFrom(
  ...[
    'a',
    ' ',
    '\n',
    '#',
    ':',
    '-',
    '?',
    "'",
    '"',
    '\\',
    '\r',
    '\u2028',
    '\u00a0',
    '🎉',
    '1',
    '_',
    '.',
    'e',
    '~',
    '{',
  ],
  ...[
    '[',
    ',',
    '%',
    '!',
    '&',
    '*',
    '|',
    '>',
    '---',
    '...',
    '\0',
    '=',
    '0x',
    'yes',
    'null',
    ' #',
    ': ',
    '- ',
    'é',
    '`',
    '+',
  ],
)
// What sops itself loses has a test of its own below.
const text = fc
  .array(pieces, { maxLength: 6 })
  .map((parts) => parts.join(''))
  .filter((joined) => !/^[\s\u2028].*\n|^\n/s.test(joined))
const tree = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    tie('list'),
    tie('map'),
  ),
  list: fc.array(tie('value'), { maxLength: 5 }),
  map: fc
    .array(fc.tuple(text, tie('value')), { maxLength: 5 })
    .map((pairs) => Object.fromEntries(pairs.map(([key, value]) => [`k${key}`, value]))),
})).value

test('any tree is written as sops writes it', async () => {
  const trees = fc.array(tree, { minLength: 50, maxLength: 50 })
  await fc.assert(
    fc.asyncProperty(trees, async (all) => {
      expect(emitted(node({ all }) as MapNode)).toBe(await emittedBySops({ all }))
    }),
    { numRuns: 10 },
  )
})

test('floats are written as sops writes them', async () => {
  const floats = [
    1.5,
    -0.25,
    1e-4 + 1e-6,
    1.5e-5,
    1e-7,
    123456.5,
    999999.5,
    1234567.5,
    123456789.25,
    1.5e300,
    1e22,
  ]
  const all = Object.fromEntries(floats.map((float, index) => [`f${index}`, float]))
  const branch = map(Object.entries(all).map(([key, float]) => entry(key, leaf(float))))
  expect(emitted(branch)).toBe(await emittedBySops(all))
})

test('what JSON has not is written as go-yaml writes it', () => {
  const values = [
    Infinity,
    -Infinity,
    Number.NaN,
    -0,
    new Timestamp('2024-01-02T00:00:00Z'),
    Buffer.from([255]),
  ]
  const long = Buffer.alloc(60, 255)
  const branch = map([...values, long].map((value, index) => entry(`k${index}`, leaf(value))))
  expect(emitted(branch)).toMatchInlineSnapshot(`
    "k0: .inf
    k1: -.inf
    k2: .nan
    k3: -0
    k4: 2024-01-02T00:00:00Z
    k5: !!binary /w==
    k6: !!binary |
        //////////////////////////////////////////////////////////////////////
        //////////
    "
  `)
})

// Real sops writes null for the first, and blocks that nobody can read for the others.
test('texts that sops would lose are written in double quotes', () => {
  const text = ' a\nb'
  const branch = map([
    entry('a', leaf('\ta\nb')),
    entry('l', list([leaf(text), map([entry('m', leaf(text))])])),
    entry('k', leaf(text)),
  ])
  expect(emitted(branch)).toBe(
    'a: "\\ta\\nb"\nl:\n    - " a\\nb"\n    - m: " a\\nb"\nk: |4-\n     a\n    b\n',
  )
  expect(withoutPlaces(read(emitted(branch)).branches)).toEqual(withoutPlaces([branch]))
})

const comments = [
  '# a\na: 1 # b\n# c\nb:\n  # d\n  c: x # e\n  # f\n# g\nd: 2\n# h\n',
  'a:\n  # b\n  - x # c\n  # d\n  - y\n  # e\nf: 1\n# g\n',
  'a: # b\n  - # c\n    d: 1 # e\n    # f\n  - - x # g\n    # h\nb: | # i\n  x\n  y\n# j\n',
  'a: {} # b\nc: [] # d\ne: {f: 1} # g\nh: [x, # i\n  y] # j\n',
  'a: &x # b\n  c: 1 # d\ne: *x # f\ng:\n  - *x # h\n  # i\ni:\n  <<: *x\n',
  '# a\n---\n# b\na: 1\n# c\n---\nb: 2 # d\n...\n---\n# e\nc: |+\n  x\n\n# f\n',
  'a:\n  b:\n    c:\n      - d: 1\n        # e\n    # f\n  # g\n# h\n',
  '#\n#\ta\n#b\na: 1 #\n##c\nb: 2\n',
]

test.each(comments)('comments and documents are written as sops writes them: %j', async (text) => {
  const sealed = await sealedBySops(text, { type: 'yaml', flags: nothing })
  const { branches } = read(text)
  const written = yamlStore.emit({ branches, metadata: read(sealed, { encrypted: true }).metadata! })
  expect(String(written)).toBe(String(sealed))
})
