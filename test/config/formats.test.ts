import { describe, expect, test } from 'vitest'
import { mendHint } from '../../tasks/lib/config/cluster-file/mend.ts'
import { type FormatName, formatNamed, formats } from '../../tasks/lib/config/variables/formats.ts'
import { quantityValue } from '../../tasks/lib/config/variables/quantity.ts'
import {
  exampleOf,
  isSecretName,
  variableDefinitions,
} from '../../tasks/lib/config/variables/variable-table.ts'

const cases: [FormatName, string[], string[]][] = [
  [
    'ip',
    ['192.168.1.11', 'fd00::1', '::'],
    ['192.168.1', '192.168.01.1', '0x7f.1.1.1', '[::1]', 'fe80::1%eth0', 'kube1'],
  ],
  [
    'cidr',
    ['10.244.0.0/16', '0.0.0.0/0', 'fd00:10::/64', '10.0.0.0/8,fd00::/8'],
    ['10.244.0.0', '10.244.0.1/16', '10.0.0.0/33', '10.0.0.0/08', '10.0.0.0/8,11.0.0.0/8', 'fd00::/129'],
  ],
  [
    'addressRange',
    ['10.0.0.1-10.0.0.9', '10.0.0.9-10.0.0.1', '10.0.0.0/24', 'fd00::1-fd00::9'],
    ['10.0.0.1', '10.0.0.1-fd00::1', '10.0.0.1-10.0.0.2-10.0.0.3', '10.0.0.1/24'],
  ],
  [
    'endpoint',
    ['kube.example.com:6443', '10.0.0.1:1', '[fd00::1]:65535'],
    ['kube', 'kube:0', 'kube:65536', 'fd00::1:6443', '999.1.1.1:6443', 'Kube:6443'],
  ],
  ['quantity', ['500m', '2', '0.5', '1e3', '256Mi', '.5'], ['500MB', '-1', '1 Gi', '', '8gi']],
  ['size', ['500Mi', '8Gi', '1073741824', '1.5T'], ['500m', '8GB', 'big']],
  ['name', ['a', 'a-1', 'a'.repeat(63)], ['A', '-a', 'a-', 'a.b', 'a'.repeat(64), '']],
  ['nodeName', ['kube1', 'kube1.example.com'], ['kube1.', 'kube_1', `${'a'.repeat(40)}.${'b'.repeat(40)}`]],
  ['nodeNames', ['kube1 kube2', '"kube1 kube2"', ''], ['kube1, kube2', 'kube1 Kube2']],
  ['labelKey', ['disk', 'example.com/disk_1', 'A.b-c'], ['a b', '/disk', 'Example.com/disk', 'a/b/c', '-a']],
  ['labelValue', ['', 'ssd', 'v1.2_3'], ['-ssd', 'a b', 'a'.repeat(64)]],
  ['path', ['/', '/var/lib', '/a..b'], ['var', '', '/var/../etc', './a']],
  ['nodePort', ['30000', '32767'], ['29999', '32768', '80', '030000']],
  ['owner', ['1000:1000', 'www-data'], [':1000', 'a:b:c', '-a']],
  ['kubernetesVersion', ['1.36.3'], ['1.36', 'v1.36.3', '1.36.3-rc.1']],
  [
    'timezone',
    ['UTC', 'Europe/Berlin', 'US/Pacific', '', ':/etc/localtime', 'CET-1CEST'],
    ['Berlin', 'europe/berlin', 'Mars/Base'],
  ],
]

describe.each(cases)('%s', (name, good, bad) => {
  test.each(good)('takes "%s"', (text) => expect(formatNamed(name).accepts(text)).toBe(true))
  test.each(bad)('refuses "%s"', (text) => expect(formatNamed(name).accepts(text)).toBe(false))
})

test.each(Object.entries(formats))('the example of %s has the format, its pattern too', (_name, format) => {
  expect(format.accepts(format.example)).toBe(true)
  if ('pattern' in format) expect(format.example).toMatch(new RegExp(format.pattern!))
})

test.each([...variableDefinitions()].map((row) => [row.name, row] as const))(
  'the default of %s has its format',
  (name, row) => {
    const example = exampleOf(name) || formatNamed(row.format).example
    const expanded = example.replace(/\$[A-Z0-9_]+(?=\/)/g, '/x').replace(/\$[A-Z0-9_]+/g, 'x')
    expect(name === 'DOL' || formatNamed(row.format).accepts(expanded)).toBe(true)
  },
)

test.each<[string, FormatName, string | undefined]>([
  ['8gb', 'size', 'did you mean 8G?'],
  ['8 gib', 'size', 'did you mean 8Gi?'],
  ['v1.36.3', 'kubernetesVersion', 'did you mean 1.36.3?'],
  ['10.96.0.1/12', 'cidr', 'did you mean 10.96.0.0/12?'],
  ['[fd00::1]', 'ip', 'did you mean fd00::1?'],
  ['My_Name', 'name', 'did you mean my-name?'],
  ['much', 'size', undefined],
])('"%s" for %s: %s', (text, format, hint) => {
  expect(mendHint(text, format)).toBe(hint)
})

test.each([
  ['8Gi', 8 * 2 ** 30],
  ['500m', 0.5],
  ['1e3', 1000],
  ['2k', 2000],
  ['much', undefined],
])('the quantity %s is %s', (text, value) => {
  expect(quantityValue(text)).toBe(value)
})

test.each([
  ['DB_PASSWORD', true],
  ['API_TOKEN', true],
  ['AWS_SECRET_ACCESS_KEY', true],
  ['CLIENT_SECRET', true],
  ['SSH_PRIVATE_KEY', true],
  ['INGRESS_TLS_SECRET', false],
  ['PULL_SECRET', false],
  ['COMPASS', false],
  ['MONKEY', false],
  ['DOMAIN', false],
])('the value of %s is secret: %s', (name, expected) => {
  expect(isSecretName(name)).toBe(expected)
})
