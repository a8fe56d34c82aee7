import { describe, expect, it } from 'vitest'
import { kubectl, kubectlReads, probeHead, sorted, unlessKubectl } from './support/kubectl.ts'
import { load } from './support/load.ts'

// What stands behind "spec:" in a file.
const forms = [
  '&a 5',
  '&a',
  '!!str &a 5',
  '&a !!str 5',
  '"\\x41\\u263a\\n\\e\\0\\_"',
  "'it''s'",
  '"a\n  b\n\n  c"',
  '"a\\\n  b"',
  '"a \\\n  b"',
  "'a\n  b'",
  '|\n  a\n   b\n\n  c',
  '|-\n  a',
  '|+\n  a\n\n',
  '>\n  a\n  b\n\n  c\n   d\n  e',
  '>-\n  a\n  b',
  '>+\n  a\n\n',
  '|2\n    a\n   b',
  '|2-\n   a',
  '|\n\n  a',

  '>\n  a\n # c\n',
  'a b\n  c d',
  'a\n\n  b',
  'x\n  # c',
  '"a" # c',
  '"a"#c',
  'a#b',
  'a #b',
  'a\t# c',
  '\ta\t',
  '"\ta\t"',
  'http://x:80/y',
  'a:b',
  '[a, b: 1, {c: d}, "e": 2, ]',
  '{ a, b: , c: 1, }',
  '{"a":1,"b":[1,2]}',
  '{a: b:c}',
  '[a,\tb]',
  '{a:\t1}',
  '[a\n  b,\n c]',
  '[\n]',
  '{\n}',
  '[x # c\n , y]',
  '{? a : b}',
  '{? a}',
  '\n  a: [\n    1,\n  ]\n  b: {\n    x: 1\n  }',
  '\n- 1\n- - 2\n  - 3\n-\n  - 4',
  '\n-   a: 1\n    b: 2\n-\n  - x',
  '\n  ? a\n  : b\n  ? c',
  '\n  "a" : 1\n  b : 2',
  '\n  a:\n  - 1\n  b:\n  # c\n  - 2',
  '\n  a: !!str\n  b: !!null',
  '\n  "": 1',
  '\n  ? |\n    k\n  : 1',
  '\n  &k a: 1\n  b: *k',
  '\n  &x k : 1',
  '\n  - &x 1\n  - *x\n  - &x 2\n  - *x',
  '\n  a: &x {q: [1]}\n  b: *x\n  c: {<<: *x, z: 1}',
  '\n  <<: {a: 1, b: 2}\n  b: 3',
  '\n  b: 3\n  <<: {a: 1, b: 2}',
  '\n  <<: [{a: 1}, {a: 2, b: 1}]',
  '\n  << : {a: 1}',
  '{a: 1, "<<": {b: 1}}',
  '\n  <<: {a: 1}\n  <<: {a: 2, c: 1}',
  '"😀 é"',
  'a\u00a0b',
  '!<tag:yaml.org,2002:str> 5',
  '"a\nb"',
  "'a\n b'",
  '"a\n\tb"',
  '\n  a: "x\n  y"\n  b: 1',
  "\n  a: 'x\n\n y'\n  b: 1",
  '\n  - "x\n y"\n  - z',
  '\n  a: [x,\n  z]\n  b: 1',
  '\n  a: [\n  x\n  ]\n  b: 1',
  '\n  a: {\n x: "p\nq"\n}\n  b: 1',
  '\n  - [a,\n  b]\n  - c',
  '\n  - {a: [\n1,\n {b: c\n}]}\n  - c',
  '[\n1 # c\n# d\n]',
  '[\n\ta\n]',
  '# c\n  a',
  '\n# c\n  a: 1\n  # d\n',
]

describe.skipIf(!kubectl)(`YAML reads as kubectl reads it${unlessKubectl}`, () => {
  it.each(forms)('%j', (form) => {
    const text = `${probeHead}spec: ${form}\n`
    const { json, lines } = load(text)
    expect(lines).toEqual([])
    expect(sorted(json[0]!)).toEqual(sorted(kubectlReads(text)[0]!))
  })

  it.each(['\r\n', '\r'])('with line ends %j', (end) => {
    const text = `${probeHead}spec:\n  a: |\n    x\n    y\n  b: "c\n    d"\n  e: 1\n`
    expect(load(text.replaceAll('\n', end)).json).toEqual(load(text).json)
    if (end === '\r\n')
      expect(load(text).json.map(sorted)).toEqual(kubectlReads(text.replaceAll('\n', end)).map(sorted))
  })

  it('in a stream of documents, the empty ones left out', () => {
    const text = `# c\n---\n---  # c\n${probeHead}---\n\n---\n# c\n---\n${probeHead}spec: "---"\n...\n---\n`
    expect(load(text).json.map(sorted)).toEqual(kubectlReads(text).map(sorted))
    expect(load(text).json).toHaveLength(2)
  })

  it.each(['null', '~', '# c'])('and a document of %s is none', (nothing) => {
    const text = `${probeHead}---\n${nothing}\n---\n${probeHead}`
    expect(load(text).lines).toEqual([])
    expect(load(text).json.map(sorted)).toEqual(kubectlReads(text).map(sorted))
  })

  it('in JSON, with tabs and a byte order mark too', () => {
    const text = JSON.stringify(
      {
        apiVersion: 'probe.example/v1',
        kind: 'Probe',
        metadata: { name: 'a' },
        spec: { a: ['0644', 1.5, 'é\n', {}, []] },
      },
      null,
      '\t',
    )
    expect(load(text).json.map(sorted)).toEqual(kubectlReads(text).map(sorted))
    expect(load(`\uFEFF${text}`).json).toEqual(load(text).json)
  })
})

it('a byte order mark counts as no column', () => {
  expect(load('\uFEFFapiVersion: $V\nkind: Pod\nmetadata: { name: a }\n').lines[0]).toMatch(
    /^error: web\.yaml:1:13: \$V is not set/,
  )
})

it('JSON may hold references', () => {
  const text =
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"$NAME"},"data":{"a":"${NAME:-\\"x\\"}"}}'
  expect(load(text, { NAME: 'web' }).json[0]).toMatchObject({ metadata: { name: 'web' }, data: { a: 'web' } })
})

describe('what is wrong with a text is an error at its line', () => {
  it.each<[string, RegExp]>([
    ['a: 1\n  b: 2\n - c', /^error: web\.yaml:4:4: nested mappings are not allowed/],
    ['spec: [1', /^error: web\.yaml:5:1: /],
    ['spec: {\n a: [\n---\n', /^error: web\.yaml:6:1: /],
    ['spec: "a', /^error: web\.yaml:5:1: missing closing "quote/],
    ['spec: *x', /^error: web\.yaml:4:7: there is no anchor "x" above$/],
    ['spec: &x [*x]', /^error: web\.yaml:4:11: the anchor "x" contains itself$/],
    ['spec: { <<: 5 }', /^error: web\.yaml:4:9: << merges a map or a list of maps, nothing else$/],
    [
      'spec:\n  a: 1\n  b: 2\n  a: 3',
      /^error: web\.yaml:7:3: the key "a" stands twice in this map: first in line 5$/,
    ],
    [
      'spec: { 1: a, "1": b }',
      /^error: web\.yaml:4:15: the key "1" stands twice in this map: first in line 4$/,
    ],
    ['kind: Probe', /^error: web\.yaml:4:1: the key "kind" stands twice in this map: first in line 2$/],
    ['spec: "\\${NAME}"', /^error: web\.yaml:4:8: invalid escape sequence/],
    [`spec: ${'['.repeat(20_000)}`, /^error: web\.yaml:4:\d+: the document is nested too deeply$/],
    [
      `spec: ${'['.repeat(510)}${']'.repeat(510)}`,
      /^error: web\.yaml:4:5\d+: the document is nested deeper than 500 levels$/,
    ],
  ])('%#: %s', (text, message) => {
    const { lines } = load(`${probeHead}${text}\n`, { NAME: 'web' })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(message)
  })

  it('aliases that would make millions of values are one error, at once', () => {
    const levels = [...'bcdefghij'].map(
      (name, index) => `${name}: &${name} [${Array(10).fill(`*${'abcdefghi'[index]}`)}]`,
    )
    const { lines, objects } = load(`${probeHead}a: &a [${Array(10).fill('x')}]\n${levels.join('\n')}\n`)
    expect(lines).toEqual(['error: web.yaml:1:1: aliases make more than 1000000 values of this document'])
    expect(objects).toEqual([])
  })

  it('a document with an error does not hide those behind it', () => {
    const { objects, lines } = load(`${probeHead}spec: *x\n---\n${probeHead}---\na: [\n---\n${probeHead}`)
    expect(lines).toHaveLength(2)
    expect(objects.length).toBeGreaterThanOrEqual(2)
  })
})

it('a key named __proto__ is a key like any other', () => {
  const { json } = load(`${probeHead}spec: { __proto__: { a: 1 }, $P: 2, constructor: 3 }\n`, {
    P: 'toString',
  })
  expect(JSON.stringify((json[0] as { spec: unknown }).spec)).toBe(
    '{"__proto__":{"a":1},"toString":2,"constructor":3}',
  )
})
