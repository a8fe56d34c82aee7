import { describe, expect, test } from 'vitest'
import { stringify, type ToStringOptions } from 'yaml'
import { changeText } from '../../tasks/lib/secrets/edit/change-text.ts'
import { changedBranches } from '../../tasks/lib/secrets/edit/change-tree.ts'
import { newPath } from '../../tasks/lib/secrets/edit/new-path.ts'
import { typedValue, type ValueType } from '../../tasks/lib/secrets/edit/typed-value.ts'
import { allValues, findValue } from '../../tasks/lib/secrets/edit/value-path.ts'
import { differences } from '../../tasks/lib/secrets/stores/differences.ts'
import type { FileType } from '../../tasks/lib/secrets/stores/store.ts'
import { storeOf } from '../../tasks/lib/secrets/stores/stores.ts'
import { leaf } from '../../tasks/lib/secrets/tree/tree.ts'
import fc from '../support/fast-check.ts'

interface Wanted {
  path: string
  value?: string
  type?: ValueType
  fileType?: FileType
}

async function changed(text: string, { path: typed, value, type, fileType = 'yaml' }: Wanted) {
  const file = 'f'
  const document = (await storeOf(fileType)).parse(Buffer.from(text), { file, encrypted: false })
  const found = findValue(document.branches, typed, { file })
  const path = found?.path ?? newPath(document.branches, typed, { file, type: fileType })
  const node = value === undefined ? undefined : typedValue(value, { type, old: found?.node, fileType })
  const { bytes, isAnew } = await changeText(document, { path, ...(node && { node }) })
  return (isAnew ? 'ANEW\n' : '') + Buffer.from(bytes).toString()
}

const secret = 'apiVersion: v1\nkind: Secret\n\nmetadata: {name: db}\n'

describe('a value of YAML is set without touching another line:', () => {
  const cases: [name: string, text: string, wanted: Wanted, after: string][] = [
    ['a plain one', 'a: 1 # one\n\nb: x\n', { path: 'b', value: 'k' }, 'a: 1 # one\n\nb: k\n'],
    ['a number stays a number', 'a: 1 # one\n', { path: 'a', value: '2' }, 'a: 2 # one\n'],
    ['a text stays a text', 'a: "1"\n', { path: 'a', value: '2' }, 'a: "2"\n'],
    ['of several lines', 'a: x\nb: y\n', { path: 'a', value: 'k\nl\n' }, 'a: |\n    k\n    l\nb: y\n'],
    ['in a list', 'a:\n- x\n- y\n', { path: 'a[1]', value: 'z' }, 'a:\n- x\n- z\n'],
    ['a new one at the end', 'a: 1\n# last\n', { path: 'b', value: 'x' }, 'a: 1\nb: x\n# last\n'],
    ['a new one without a line end', 'a: 1', { path: 'b', value: 'x' }, 'a: 1\nb: x'],
    ['a new one with CRLF', 'a: 1\r\n', { path: 'b', value: 'x' }, 'a: 1\r\nb: x\r\n'],
    [
      'a new one in a map, with its indent',
      'm:\n  a: 1 # one\n\nn: 2\n',
      { path: 'm.b', value: 'true' },
      'm:\n  a: 1 # one\n  b: "true"\n\nn: 2\n',
    ],
    [
      'a new one below a block',
      'm:\n  a: |\n    x\n    y\nn: 2\n',
      { path: 'm.b', value: 'k\nl' },
      'm:\n  a: |\n    x\n    y\n  b: |-\n    k\n    l\nn: 2\n',
    ],
    [
      'a new one below a list',
      'm:\n  a:\n  - 1\n  - 2\nn: 2\n',
      { path: 'm.b', value: 'x' },
      'm:\n  a:\n  - 1\n  - 2\n  b: x\nn: 2\n',
    ],
    ['a new one in an empty map', 'm: {}\nn: 2\n', { path: 'm.b', value: 'x' }, 'm:\n    b: x\nn: 2\n'],
    ['a new one in nothing', 'm: # soon\nn: 2\n', { path: 'm.b', value: 'x' }, 'm: # soon\n    b: x\nn: 2\n'],
    ['new maps on the way', 'm: 1\n', { path: 'k.l.b', value: 'x' }, 'm: 1\nk:\n    l:\n        b: x\n'],
    [
      'a bare key of a Secret goes to stringData',
      `${secret}stringData:\n  a: x\n`,
      { path: 'tls.crt', value: 'y' },
      `${secret}stringData:\n  a: x\n  tls.crt: "y"\n`,
    ],
    [
      'stringData is made where there is none',
      `${secret}data:\n  a: eA==\n`,
      { path: 'b', value: 'z' },
      `${secret}data:\n  a: eA==\nstringData:\n  b: z\n`,
    ],
    [
      'a new one in an item of a list',
      'a:\n- b: 1 # one\n- b: 2\n',
      { path: 'a[0].k', value: 'x' },
      'a:\n- b: 1 # one\n  k: x\n- b: 2\n',
    ],
    [
      'a new one below a key with dots',
      'a.b:\n  c: 1\n',
      { path: 'a.b.d', value: 'x' },
      'a.b:\n  c: 1\n  d: x\n',
    ],
    [
      'in the second document',
      'a: 1\n---\na: 1\n---\na: 1\n',
      { path: '2:b', value: 'x' },
      'a: 1\n---\na: 1\nb: x\n---\na: 1\n',
    ],
    [
      'a map in place of a text',
      'a: x\nb: y\n',
      { path: 'a', value: '{"k": [1]}', type: 'json' },
      'a:\n    k:\n        - 1\nb: y\n',
    ],
    [
      'in brackets, by laying it out anew',
      'a: {b: x}\n',
      { path: 'a.c', value: 'y' },
      'ANEW\na:\n    b: x\n    c: "y"\n',
    ],
  ]
  test.each(cases)('%s', async (_, text, wanted, after) => {
    expect(await changed(text, wanted)).toBe(after)
  })

  const removals: [name: string, text: string, path: string, after: string][] = [
    [
      'with its comment, and no other',
      '# a\na: 1\n# b\nb: 2 # two\n\nc: 3\n',
      'b',
      '# a\na: 1\n# b\n\nc: 3\n',
    ],
    ['of several lines', 'a: |\n  x\n\n  y\nb: 2\n', 'a', 'b: 2\n'],
    ['with all in it', 'a:\n  b: 1\n  c:\n  - x\n  - y: z\nd: 1\n', 'a', 'd: 1\n'],
    ['the last one of its map', 'm:\n  a: 1\nn: 2\n', 'm.a', 'm: {}\nn: 2\n'],
    ['the last line', 'a: 1\nb: 2', 'b', 'a: 1\n'],
  ]
  test.each(removals)('it is taken away %s', async (_, text, path, after) => {
    expect(await changed(text, { path })).toBe(after)
  })
})

describe('a value of another kind of file is set without touching another line:', () => {
  const cases: [name: string, text: string, wanted: Wanted, after: string][] = [
    ['JSON', '{"a": 1,\n  "b": "x"}\n', { path: 'b', value: 'y' }, '{"a": 1,\n  "b": "y"}\n'],
    [
      'JSON, a new one',
      '{\n  "a": {\n    "b": 1\n  },\n\n  "c": 2\n}\n',
      { path: 'a.d', value: 'x' },
      '{\n  "a": {\n    "b": 1,\n    "d": "x"\n  },\n\n  "c": 2\n}\n',
    ],
    ['JSON, on one line', '{"a": {"b": 1}}', { path: 'a.d', value: 'x' }, '{"a": {"b": 1, "d": "x"}}'],
    [
      'JSON, into nothing',
      '{\n\t"a": {}\n}\n',
      { path: 'a.d', value: '5', type: 'number' },
      '{\n\t"a": {\n\t\t"d": 5\n\t}\n}\n',
    ],
    [
      'JSON, a map',
      '{\n  "a": 1\n}\n',
      { path: 'm', value: '{"k": [1]}', type: 'json' },
      '{\n  "a": 1,\n  "m": {\n    "k": [\n      1\n    ]\n  }\n}\n',
    ],
    ['JSON, away', '{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}\n', { path: 'b' }, '{\n  "a": 1,\n  "c": 3\n}\n'],
    ['JSON, the last one away', '{\n  "a": 1,\n  "b": 2\n}\n', { path: 'b' }, '{\n  "a": 1\n}\n'],
    ['dotenv', '# x\nA=1\n\nB=2\n', { path: 'B', value: 'a b' }, '# x\nA=1\n\nB=a b\n'],
    ['dotenv, a new one', '# x\nA=1', { path: 'B', value: 'k\nl' }, '# x\nA=1\nB=k\\nl'],
    ['dotenv, away', '# x\nA=1\n\nB=2\n', { path: 'A' }, '# x\n\nB=2\n'],
    ['INI', 'x=1\n[s]\na = 1 ; one\n', { path: 's.a', value: '2' }, 'x=1\n[s]\na = 2 ; one\n'],
    [
      'INI, a new one',
      '[s]\na=1\n\n[t]\nb=2\n',
      { path: 's.k', value: 'x' },
      '[s]\na=1\nk = x\n\n[t]\nb=2\n',
    ],
    ['INI, a new section', '[s]\na=1\n', { path: 't.k', value: 'x' }, '[s]\na=1\n\n[t]\nk = x\n'],
    ['INI, away', '[s]\na=1\nb=2\n', { path: 's.a' }, '[s]\nb=2\n'],
  ]
  const typeOf = (name: string) => name.split(',')[0]!.toLowerCase() as FileType
  test.each(cases)('%s', async (name, text, wanted, after) => {
    expect(await changed(text, { ...wanted, fileType: typeOf(name) })).toBe(after)
  })
})

describe('a value is refused', () => {
  const refused: [string, Wanted, string][] = [
    ['a: 1\n', { path: 'a', value: 'x' }, 'the value given is no number, as the one that is there'],
    ['a: true\n', { path: 'a', value: '1' }, 'the value given is no true or false'],
    ['a: 1\n', { path: 'a', value: '{', type: 'json' }, 'the value given is no JSON'],
    ['a: 1\n', { path: 'a.b', value: 'x' }, 'a is no map: a.b cannot be put into it'],
    ['m: {p: 1}\nn: {p: 2}\n', { path: 'p', value: '1' }, 'p is 2 values: m.p, n.p'],
    ['a: 1\n---\na: 2\n', { path: 'b', value: 'x' }, 'has 2 documents'],
    [`${secret}`, { path: 'a/b', value: 'x' }, 'cannot be a key of a Secret'],
    ['a: 1\n', { path: 'a', value: '1, "x": 2', type: 'json' }, 'the value given is no JSON'],
  ]
  test.each(refused)('%j: %j', async (text, wanted, message) => {
    await expect(changed(text, wanted)).rejects.toThrow(message)
  })
})

test('whole numbers of 64 bits stay exact', async () => {
  expect(await changed('a: 1\n', { path: 'a', value: '9007199254740993' })).toBe('a: 9007199254740993\n')
})

const keys = fc
  .stringMatching(/^[a-x][a-x.-]{0,5}$/)
  .filter((key) => !/^(n|no|on|off|false|true|null)$/.test(key))
const { value: values } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    ...[fc.string(), fc.constant('a\nb\n'), fc.integer(), fc.boolean(), fc.constant(null)],
    ...[fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(keys, tie('value'), { maxKeys: 4 })],
  ),
}))
const layouts = fc.constantFrom<ToStringOptions>(
  ...[{}, { indent: 4 }, { indentSeq: false }, { defaultStringType: 'QUOTE_DOUBLE' as const }],
  { collectionStyle: 'flow' },
)

test('whatever is changed in whatever layout, the text then says that, and all else as before', async () => {
  const tree = fc.dictionary(keys, values, { minKeys: 1, maxKeys: 4 })
  const what = fc.constantFrom('set', 'unset', 'add')
  const property = fc.asyncProperty(tree, layouts, what, fc.nat(), async (object, layout, kind, pick) => {
    const document = await parsed(stringify(object, layout))
    if (!document) return
    const all = allValues(document.branches)
    const { node: old, path } = all[pick % all.length]!
    const inside = old.type === 'map' ? path.steps : []
    const change =
      kind === 'unset'
        ? { path }
        : {
            path: kind === 'set' ? path : { branch: 0, steps: [...inside, 'zz'] },
            node: leaf(`new: ${pick}\n#`),
          }
    const { bytes } = await changeText(document, change)
    const after = await parsed(Buffer.from(bytes).toString())
    const wanted = changedBranches(document.branches, change)
    expect(differences(after!.branches, wanted)).toEqual([])
  })
  await fc.assert(property, { numRuns: 500, seed: 7 })
})

// What the writer of the test makes and sops does not read, such as a number beyond 64 bits, is no case.
async function parsed(text: string) {
  const store = await storeOf('yaml')
  try {
    return store.parse(Buffer.from(text), { file: 'f', encrypted: false })
  } catch {
    return undefined
  }
}
