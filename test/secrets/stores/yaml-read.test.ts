import { describe, expect, test } from 'vitest'
import type { SecretError } from '../../../tasks/lib/secrets/errors.ts'
import { parseYaml } from '../../../tasks/lib/secrets/stores/yaml/read.ts'
import { comment, entry, leaf, list, map, Timestamp } from '../../../tasks/lib/secrets/tree/tree.ts'
import { encryptBySops, readBySops, readClear } from './yaml-read-oracle.ts'

const scalars = `
{'': null, t: ~, n: null, N: Null, M: NULL, almost: nULL}
{a: true, b: True, c: TRUE, d: tRUE, e: yes, f: No, g: on, h: y}
{a: 0, b: -0, c: +7, d: 12_345, e: 0x1F, f: 0X1f, g: -0x10, h: 0b11, i: 0o17, j: 017, k: 08, l: 0o8, m: 1__0, n: _1}
{a: 9223372036854775807, b: -9223372036854775808, c: -9223372036854775809, d: 18446744073709551616, e: +18446744073709551615}
{a: 0b-1, b: 0o+7, c: 0x, d: -x, e: +, f: 0xFFFFFFFFFFFFFFFFFF, g: 1-2, h: 12e, i: 1_}
{a: 1.5, b: 1., c: .5, d: -.5, e: 1e3, f: 1E-7, g: 1e400, h: 1_000.5, i: .5_5, j: ., k: 1.2.3, l: 6.02e23, m: -0.0}
{a: .nan, b: .NaN, c: .inf, d: -.Inf, e: +.INF, f: .Nan, g: inf, h: nan}
{a: 2024-01-02, b: 2024-1-2, c: 2024-02-30, d: 2024-01-02T03:04:05Z, e: 2024-01-02t3:4:5.120+02:00, f: 2024-01-02 03:04:05, g: 2024-01-02 03:04:05 +02:00, h: 24-01-02, i: 2024-01-02T03:04:05}
{a: '1', b: "true", c: 'null', d: "2024-01-02", e: '', f: "", g: 'it''s', h: "a\\tb\\x41\\u00e9\\U0001F389\\_\\/"}`
  .trim()
  .split('\n')
  .map((line) => line.slice(1, -1).replaceAll('\\/', '').split(', ').join('\n'))

const tagged = [
  'a: !!str 123\nb: !!int "7"\nc: !!float 1\nd: !!null ""\ne: !!bool true\nf: !!timestamp 2024-01-02\n',
  'a: !custom 5\nb: !custom\nc: !<tag:yaml.org,2002:int> 5\nd: ! 12\ne: !!set {x, y}\nf: !custom [1]\n',
  'a: !!binary aGVsbG8=\nb: !!binary |\n  aGVs\n  bG8=\nc: !!binary /w==\n',
  '%TAG !e! tag:yaml.org,2002:\n---\na: !e!str 12\n',
  '%YAML 1.1\n---\na: 1\n',
]

const styles = [
  'a: plain\n  over lines\n\n  and a gap\nb: x\n',
  'a: \'one\n  two\n\n  three\'\nb: "one\\\n  two \\\n  three\n  four"\n',
  'a: |\n  one\n   two\n\n  three\n\n\nb: 1\n',
  'a: |-\n  one\nb: |+\n  two\n\nc: |2\n    three\nd: |2-\n   four\n',
  'a: >\n  one\n  two\n\n  three\n    four\n  five\nb: >-\n  x\nc: >+\n  y\n\n',
  'a: |\nb: >-\nc: |+\n\n\nd: 1\n',
  'a: |\n  # not a comment\n  x\n# a comment\nb: 1\n',
  'a: {b: 1, "c": [x, y, {d: e}], f, g: }\n',
  'a: [x: 1, y, "q": z, [], {}, ]\n',
  'a: [\n  1,\n  2\n]\nb: {\n  c: d,\n}\n',
  'a: http://x:80/#y\nb: a:b\nc: x#y\nd: -x\ne: ?x\nf: :x\n',
  '? a\n: b\n? "c"\n:\n  d: 1\n? e\n',
  '"a:b":\n  c: 1\n\'d e\': 2\nf g: 3\n"": 4\n',
  'a:\n- b\n- - c\n  - d\n-   e: 1\n    f: 2\n-\n  g: 3\n-\n- h\n',
  'a:\tb\nc:   d\t\ne: "f"\t# g\n',
  'emoji: 🎉 # 🎉\nnext: é\n',
  `${'k'.repeat(900)}: 1\nlong: "${'x '.repeat(3000)}"\n`,
  '\uFEFFa: 1\n# c\nb: 2\n',
  'a: 1\r\n# c\r\nb: 2\r\n\r\n# d\r\n# e\r\nc:\r\n  - x # f\r\n',
]

const aliases = [
  'a: &a [1, 2]\nb: *a\nc: &s x\nd: *s\n',
  'base: &base # note\n  # inside\n  x: 1 # one\nd:\n  <<: *base\n  y: 2\ne:\n  <<: [*base, {z: 1}]\n',
  'a: &a\n  b: 1\nc: *a # alias\nd:\n  - *a\n  # between\n  - *a\n',
  '&k key: v\nx: *k\ny: {*k : w}\n',
  'a: &x 1\nb: &x 2\nc: *x\n',
  'a: &x 1\n---\nb: *x\n',
]

const comments = [
  '# head\na: 1\n',
  '# document\n\n# head\na: 1\n',
  'a: 1 # inline\nb: 2   #inline\nc: "x" # y\nd: 3\n# foot\n',
  'a: 1\n# foot of a\n\nb: 2\n',
  'a: 1\n\n# head of b\nb: 2\n',
  'a: 1\n# foot\n\n# head\nb: 2\n\n# last\n',
  'a:\n  b: 1\n  # foot of b\nc: 2\n',
  'a:\n  b: 1\n# foot of a\n\nc: 2\n',
  'a:\n  b: 1\n# head of c\nc: 2\n',
  'a:\n  b:\n    c: 1\n    # in b\n  # in a\n# at the top\n',
  'a:\n  b:\n    c: 1\n\n    # in b\n\n  # in a\n\n# at the top\nd: 1\n',
  'a: # of a map\n  b: 1\nc: # of a list\n  - d\ne: # of nothing\nf: | # of a block\n  x\n',
  'a:\n  # head of the first\n  b: 1\n\n  # head of the second\n  c: 1\n',
  'a:\n# dedented\n  b: 1\n   # deeper\n  c: 2\n',
  'a:\n  - x # inline\n  # between\n  - y\n  # foot\nb: 1\n',
  'a:\n  # above\n  - x\n\n  # apart\n\n  - y\n# below\n',
  'a:\n- x\n# between\n- y\n# below\n\nb: 1\n',
  'a:\n  - # of the entry\n    b: 1\n    # of c\n    c: 2\n  # of the next\n  - d: 3 # of d\n    # end\n',
  'a:\n  -\n    # inside\n    b: 1\n  - c\n',
  'a:\n  - # first\n    - x\n    # second\n    - y\n  # third\n  - - z # fourth\n',
  'a: [ # open\n  x, # of x\n  # of y\n  y # last\n  # foot\n] # close\nb: 1\n',
  'a: { # open\n  x: 1, # of x\n  # of y\n  y: 2 # last\n  # foot\n} # close\nb: 1\n',
  'a: [x, y] # of a\nb: {c: d} # of b\nc: [] # empty\nd: {}\n',
  '# one\n---\n# two\na: 1\n# three\n---\n# four\nb: 2\n# five\n...\n# six\n---\nc: 3\n',
  'a:\n  # above\n  - # beside\n    b: 1\n  # above\n  -\n    # inside\n    c: 2\n',
  '--- # marker\na: 1\n--- # again\nb: 1\n',
  'a: 1\n---\n# only a comment\n---\nb: 2\n',
  '---\n# nothing\n',
  'a: |\n  x\n# below a block\nb: >\n  y\n\n  # in the block\n# out\n',
  "a: 'x\n  y' # after lines\nb: x\n  y # after plain lines\n",
  '#no space\na: 1\n#\nb: 2\n##two\n#\t tab \n',
  '? a # of a key\n: b # of a value\n? c\n# of nothing\n: d\n',
  `a: 1${'\n'.repeat(600)}# far below\n${'\n'.repeat(600)}# farther\nb: 2\n`,
  'a:\n    b: 1 # x\n\n# one\n# two\n\n# three\nc:\n    # four\n    - d\n\n\n    # five\n',
  'a: &anchor # of an anchor\n  b: 1\nc: !tag # of a tag\n  d: 1\ne: &x # of nothing\nf: 2\n',
  'list:\n    # a\n    - name: x # b\n      # c\n      value: y\n      # d\n    # e\n    - name: z\n# f\n',
]

const structures = [
  '{}\n',
  '---\n',
  '---\n---\na: 1\n',
  'a: 1\n---\na: 1\na: 2\n',
  'a: {}\nb: []\nc: [[], [{}]]\n',
  '~\n',
]

describe('a clear text is read as the real sops reads it', () => {
  test.each([...scalars, ...tagged, ...styles, ...aliases, ...comments, ...structures])(
    '%j',
    async (text) => {
      const clear = readClear(text)
      expect(await readBySops(text, clear)).toEqual(clear)
    },
  )
})

describe('what the real sops refuses is refused, with the line and its exit code', () => {
  test.each<[string, number, number | undefined]>([
    ['', 92, undefined],
    ['\n', 2, undefined],
    ['# only\n', 2, undefined],
    ['- a\n', 2, 1],
    ['text\n', 2, 1],
    ['a: 1\n---\n- b\n', 2, 3],
    ['a: 1\n---\nb\n', 2, 3],
    ['a: 1\nb: 2\na: 3\n', 2, 3],
    ['a:\n  b: 1\n  "b": 2\n', 2, 3],
    ['a: 1\n1: b\n', 23, 2],
    ['true: 1\n', 23, 1],
    ['2024-01-02: 1\n', 23, 1],
    ['~: 1\n', 23, 1],
    ['a: 1\n---\n1: b\n', 23, 3],
    ['a:\n  b: 18446744073709551615\n', 23, 2],
    ['a: !!int x\n', 2, 1],
    ['a: !!binary "*"\n', 2, 1],
    ['? [a]\n: b\n', 2, 1],
    ['a: *b\n', 2, 1],
    ['a: &a [*a]\n', 2, 1],
    ['<<: 1\n', 2, 1],
    ['a: 1\nsops: 2\n', 203, 2],
    ['\ta: 1\n', 2, 1],
    ['a:\n\tb: 1\n', 2, 2],
    ['a: |\n\tx\n', 2, 2],
    ['a: "x\n', 2, 1],
    ["a: 'x\n", 2, 1],
    ['a: "\\q"\n', 2, 1],
    ['a: "\\ud800"\n', 2, 1],
    ['a: [1, 2\nb: 3\n', 2, 2],
    ['a: {b: 1\n', 2, 2],
    ['a: ]\n', 2, 1],
    ['a: b: c\n', 2, 1],
    ['a: 1\nb\n', 2, 2],
    ['a: 1\n  b: 2\n', 2, 2],
    ['a:\n    b: 1\n  c: 2\n', 2, 3],
    ['- a\nb: 1\n', 2, 2],
    ['a: @x\n', 2, 1],
    ['a: `x`\n', 2, 1],
    ['a: %x\n', 2, 1],
    ['a: !x!y z\n', 2, 1],
    ['%YAML 1.2\n---\na: 1\n', 2, 1],
    ['%FOO x\n---\na: 1\n', 2, 1],
    ['a: 1\n... b\n', 2, 2],
    ['a: |x\n  y\n', 2, 1],
    ['a: |0\n  y\n', 2, 1],
    ['a: & b\n', 2, 1],
    ['a: x\u0007\n', 2, 1],
  ])('%j: %i', async (text, exitCode, line) => {
    expect((await encryptBySops(text)).exitCode).toBe(exitCode)
    expect(refusal(text)).toMatchObject({ sopsCode: exitCode, findings: [{ file: 'a.yaml', line }] })
  })
})

function refusal(text: string | Uint8Array, { encrypted = false } = {}): SecretError {
  try {
    parseYaml(typeof text === 'string' ? Buffer.from(text) : text, { file: 'a.yaml', encrypted })
  } catch (error) {
    return error as SecretError
  }
  throw new Error('it was read')
}

test.each(['a: *hunter2\n', 'a: !hunter2!x y\n', 'a: !hunter2! y\n', 'a: "hunter2\n', 'a: !!int hunter2\n'])(
  'an error about %j does not tell the value',
  (text) => {
    expect(JSON.stringify(refusal(text).findings)).not.toContain('hunter2')
  },
)

test('values have the types that sops gives them', () => {
  const text = 'a: 1\nb: 1.0\nc: "1"\nd: yes\ne: true\nf:\ng: 2024-01-02\nh: !!binary /w==\n'
  const { branches } = parseYaml(Buffer.from(text), { file: 'a.yaml', encrypted: false })
  const values = [1n, 1, '1', 'yes', true, null, new Timestamp('2024-01-02T00:00:00Z'), Uint8Array.of(255)]
  expect(branches[0]!.items.map((item) => item.type === 'entry' && item.value)).toMatchObject(
    values.map((value) => ({ value: value instanceof Uint8Array ? Buffer.from(value) : value })),
  )
})

test('each value and comment knows its place; what came out of an alias has none', () => {
  const text = '# h\na: !t x # i\nb: &b |-\n  one\n  two\n\nc: *b\nd: [\'q\', "r"]\n'
  const { branches } = parseYaml(Buffer.from(text), { file: 'a.yaml', encrypted: false })
  const at = (part: string) => ({ start: text.indexOf(part), end: text.indexOf(part) + part.length })
  expect(branches).toEqual([
    map([
      comment(' h', { place: at('# h') }),
      comment(' i', { inline: true, place: at('# i') }),
      entry('a', leaf('x', at('!t x'))),
      entry('b', leaf('one\ntwo', at('|-\n  one\n  two'))),
      entry('c', leaf('one\ntwo')),
      entry('d', list([leaf('q', at("'q'")), leaf('r', at('"r"'))])),
    ]),
  ])
})

test('an encrypted text without a sops block is read as one without metadata', () => {
  const { metadata, branches } = parseYaml(Buffer.from('a: 1\n'), { file: 'a.yaml', encrypted: true })
  expect(metadata).toBeUndefined()
  expect(branches).toHaveLength(1)
})

test('the sops block comes from the first document and is taken out of all', async () => {
  const { bytes } = await encryptBySops('a: 1\n---\nb: 2\n')
  expect(bytes.toString().match(/^sops:/gm)).toHaveLength(2)
  const { metadata, branches } = parseYaml(bytes, { file: 'a.yaml', encrypted: true })
  expect(metadata?.groups[0]).toHaveLength(1)
  expect(branches.map(({ items }) => items.length)).toEqual([1, 1])
})

test('UTF-16 that says so is read; other bytes are refused', () => {
  const little = Buffer.from('\uFEFFa: é\n', 'utf16le')
  for (const bytes of [little, Buffer.from(little).swap16()]) {
    const { branches } = parseYaml(bytes, { file: 'a.yaml', encrypted: false })
    expect(branches[0]).toMatchObject({ items: [{ key: 'a', value: { value: 'é' } }] })
  }
  expect(refusal(Uint8Array.of(97, 58, 32, 255)).message).toBe('is not UTF-8')
})

describe('a text made to fill the memory or the stack is refused', () => {
  const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
  for (let at = 1; at < 12; at++)
    bomb.push(
      `a${at}: &a${at} [${Array(10)
        .fill(`*a${at - 1}`)
        .join(', ')}]`,
    )
  test.each<[string, string, RegExp]>([
    ['aliases of aliases', bomb.join('\n'), /aliases that stand for more than 100000 values/],
    ['brackets', `a: ${'['.repeat(100_000)}`, /nested more than 500 levels deep/],
    ['braces', `a: ${'{a: '.repeat(100_000)}`, /nested more than 500 levels deep/],
    ['dashes', `a:\n ${'- '.repeat(100_000)}`, /nested more than 500 levels deep/],
    ['an alias in its own anchor', 'x: 1\n---\na: &a [*a]\n', /inside its own anchor/],
    ['33 MiB', `a: ${'x'.repeat(33 * 1024 * 1024)}`, /is larger than 32 MiB/],
  ])('%s', (_, text, message) => {
    expect(refusal(text)).toMatchObject({ sopsCode: 2, message: expect.stringMatching(message) })
  })
})
