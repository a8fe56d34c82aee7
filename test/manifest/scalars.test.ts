import { describe, expect, it } from 'vitest'
import { kubectl, kubectlReads, probeHead, sorted, unlessKubectl } from './support/kubectl.ts'
import { load, spec } from './support/load.ts'

// Each text as the value of a key, with what kubectl makes of it.
const values: [text: string, value: unknown][] = [
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((w): [string, boolean] => [
    w,
    true,
  ]),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(
    (w): [string, boolean] => [w, false],
  ),
  ...['oN', 'yES', 'tRue', 'oFF', 'nULL', 'Y ES'].map((w): [string, string] => [w, w]),
  ...['', '~', 'null', 'Null', 'NULL'].map((w): [string, null] => [w, null]),
  ['0644', 420],
  ['0o644', 420],
  ['0O17', 15],
  ['0b11', 3],
  ['0B11', 3],
  ['0x1F', 31],
  ['0X1f', 31],
  ['1_000', 1000],
  ['08', 8],
  ['09.5', 9.5],
  ['0_7', 7],
  ['-0644', -420],
  ['1__0', 10],
  ['5_', 5],
  ['_5', '_5'],
  ['0x1_0', 16],
  ['1_000.5', 1000.5],
  ['+1', 1],
  ['-08', -8],
  ['-0', 0],
  ['-0.0', 0],
  ['--1', '--1'],
  ['+-1', '+-1'],
  ['-0b11', -3],
  ['+0b11', 3],
  ['0b-11', -3],
  ['1.0', 1],
  ['1.', 1],
  ['.5', 0.5],
  ['+.5', 0.5],
  ['-.5', -0.5],
  ['.5_0', 0.5],
  ['._5', '._5'],
  ['.5_', '.5_'],
  ['.', '.'],
  ['.e3', '.e3'],
  ['1e3', 1000],
  ['1E3', 1000],
  ['1e+3', 1000],
  ['1.e3', 1000],
  ['.5e3', 500],
  ['1e1_0', 1e10],
  ['1e-7', 1e-7],
  ['1e21', 1e21],
  ['1.5e400', '1.5e400'],
  ['-1e400', '-1e400'],
  ['.5e400', '.5e400'],
  ['0x', '0x'],
  ['0b', '0b'],
  ['0o8', '0o8'],
  ['0x1p4', '0x1p4'],
  ['12:30', '12:30'],
  ['190:20:30', '190:20:30'],
  ['2001-12-14', '2001-12-14'],
  ['2001-12-14 21:59:43', '2001-12-14 21:59:43'],
  ['20011214', 20011214],
  ['9007199254740993', 9007199254740993n],
  ['-9007199254740993', -9007199254740993n],
  ['9223372036854775807', 9223372036854775807n],
  ['9223372036854775808', 9223372036854776000],
  ['18446744073709551616', 18446744073709552000],
  ['-9223372036854775809', -9223372036854776000],
  ['0777777777777777777777', 9223372036854775807n],
  ['0xffffffffffffffff', 18446744073709552000],
  ['12345678901234567.0', 12345678901234568n],
  ['inf', 'inf'],
  ['nan', 'nan'],
  ['+.nan', '+.nan'],
  ['1,000', '1,000'],
  ['8Gi', '8Gi'],
  ['=', '='],
  ['<a>', '<a>'],
  ['v1.2', 'v1.2'],
  ['10.0.0.1', '10.0.0.1'],
  ['"0644"', '0644'],
  ["'yes'", 'yes'],
  ['"~"', '~'],
  ['|\n  0644', '0644\n'],
  ['>-\n  yes', 'yes'],
  ['!!str 5', '5'],
  ['!!str', ''],
  ['!!int "5"', 5],
  ['!!float 5', 5],
  ['!!float 9007199254740993', 9007199254740992n],
  ['!!bool "y"', true],
  ['!!null ""', null],
  ['!!timestamp "2001-12-14"', '2001-12-14'],
  ['!!binary aGVsbG8=', 'hello'],
  ['!!binary |\n  aGVs\n  bG8=', 'hello'],
  ['!custom x', 'x'],
  ['!custom 5', '5'],
  ['! 5', '5'],
  ['!!value =', '='],
  ['!!set {a, b}', { a: null, b: null }],
  ['!!str {a: 1}', { a: 1 }],
  ['!x [1]', [1]],
]

const refused = [
  '.inf',
  '-.INF',
  '+.Inf',
  '.nan',
  '.NaN',
  '!!int abc',
  '!!int 5.0',
  '!!int',
  '!!null x',
  '!!timestamp 5',
  '!!bool 1',
  '!!float .inf',
  '!!int 2001-12-14',
  '!!binary "aGVs bG8="',
  '!!binary a',
]

describe('a scalar is typed as kubectl types it', () => {
  it.each(values)('%j', (text, value) => {
    expect(spec(`v: ${text}`)).toEqual({ v: value })
  })

  it.skipIf(!kubectl)(`and the real kubectl agrees on every line of this table${unlessKubectl}`, () => {
    const list = `${probeHead}spec:\n${values.map(([text]) => `- ${text}\n`).join('')}`
    expect(kubectlReads(list)[0]!.spec).toEqual(values.map(([, value]) => value))
  })

  it.each(refused)('%s is an error', (text) => {
    expect(spec(`v: ${text}`)).toMatch(/^error: web\.yaml:5:\d+: /)
  })

  it.skipIf(!kubectl)(`and the real kubectl refuses the same${unlessKubectl}`, () => {
    for (const text of refused)
      expect(() => kubectlReads(`${probeHead}spec: ${text}\n`)).toThrow(/kubectl|error/)
  })
})

const keys: [text: string, key: string][] = [
  ['n', 'false'],
  ['yes', 'true'],
  ['On', 'true'],
  ['1', '1'],
  ['0x10', '16'],
  ['010', '8'],
  ['1e3', '1000'],
  ['1.0', '1'],
  ['1.5', '1.5'],
  ['1000000', '1000000'],
  ['1e6', '1e+06'],
  ['100000.0', '100000'],
  ['123456789.5', '1.2345679e+08'],
  ['0.0001', '0.0001'],
  ['1e-5', '1e-05'],
  ['1e39', '.inf'],
  ['.INF', '.inf'],
  ['-.inf', '-.inf'],
  ['.nan', '.nan'],
  ['9007199254740993', '9007199254740993'],
  ['-0.0', '-0'],
  ['2001-01-01', '2001-01-01'],
  ['"n"', 'n'],
  ['!!str 1', '1'],
  ['!!int "0x2"', '2'],
  ['oN', 'oN'],
]

describe('a key is typed and then made a string', () => {
  it.each(keys)('%s', (text, key) => {
    expect(spec(`${text}: x`)).toEqual({ [key]: 'x' })
  })

  it.skipIf(!kubectl)(`and the real kubectl agrees on every line of this table${unlessKubectl}`, () => {
    const list = `${probeHead}spec:\n${keys.map(([text]) => `- ${text}: x\n`).join('')}`
    expect(kubectlReads(list)[0]!.spec).toEqual(keys.map(([, key]) => ({ [key]: 'x' })))
  })

  it('a warning names the key that is not what it looks like', () => {
    const { lines } = load(
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata:\n  n: "1"\n  "y": "2"\n  1: x\n',
    )
    expect(lines).toEqual([
      'warning: web.yaml:5:3: Kubernetes reads the key n as "false"; quote it to keep it',
    ])
  })

  it.each([
    ['~: 1', 'a key must not be null'],
    ['null: 1', 'a key must not be null'],
    [': 1', 'a key must not be null'],
    ['? [a]\n: 1', 'a key must be a single value, not a map or a list'],
    ['{ {a: 1}: 1 }', 'a key must be a single value, not a map or a list'],
    ['9223372036854775808: 1', 'kubectl reads no key as large as 9223372036854775808; quote it'],
  ])('%j is an error', (text, message) => {
    expect(spec(text)).toContain(message)
    if (kubectl) expect(() => kubectlReads(`${probeHead}spec:\n  ${text.replace('\n', '\n  ')}\n`)).toThrow()
  })
})

describe.skipIf(!kubectl)(
  `scalars made of digits, signs and letters read as kubectl reads them${unlessKubectl}`,
  () => {
    const parts = [
      '0',
      '1',
      '7',
      '8',
      '_',
      '-',
      '+',
      '.',
      'e',
      'E',
      '0x',
      '0b',
      '0o',
      'f',
      'n',
      'y',
      '~',
      'No',
      'on',
      'null',
      ':',
      '12',
    ]
    const texts = new Set<string>()
    for (let number = 0; texts.size < 1500; number += 37) {
      const text = [number, number >> 4, number >> 7, number >> 11]
        .map((n) => parts[n % parts.length])
        .join('')
      if (!/^[-?:]$|:$|^-$/.test(text)) texts.add(text)
    }
    const all = [...texts]

    it('as values', () => {
      const text = `${probeHead}spec:\n${all.map((scalar) => `- ${scalar}\n`).join('')}`
      expect(load(text).json[0]).toEqual(kubectlReads(text)[0])
    })

    it('as keys', () => {
      const text = `${probeHead}spec:\n${all.map((scalar) => `- ${scalar}: 1\n`).join('')}`
      expect(sorted(load(text).json[0]!)).toEqual(sorted(kubectlReads(text)[0]!))
    })
  },
)
