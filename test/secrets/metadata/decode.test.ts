import { expect, test } from 'vitest'
import type { SecretError } from '../../../tasks/lib/secrets/errors.ts'
import { decodeMetadata } from '../../../tasks/lib/secrets/metadata/decode.ts'

const at = { file: 'secrets/x.yaml', line: 7 }
const age = { recipient: 'age1x', enc: 'wrapped\n' }
const least = { age: [age], lastmodified: '2024-01-02T03:04:05Z', mac: 'ENC[mac]', version: '3.13.3' }
const decoded = {
  groups: [[{ type: 'age', ...age }]],
  lastModified: '2024-01-02T03:04:05Z',
  mac: 'ENC[mac]',
  selector: { kind: 'unencrypted_suffix', value: '_unencrypted' },
  selectorWritten: false,
  macOnlyEncrypted: false,
  version: '3.13.3',
}

test('a block without a selector has that of sops, and remembers that it was not written', () => {
  expect(decodeMetadata(least, at)).toEqual(decoded)
})

test.each([
  'unencrypted_suffix',
  'encrypted_suffix',
  'unencrypted_regex',
  'encrypted_regex',
  'unencrypted_comment_regex',
  'encrypted_comment_regex',
])('the selector %s is read', (kind) => {
  expect(decodeMetadata({ ...least, [kind]: '^x$' }, at)).toMatchObject({
    selector: { kind, value: '^x$' },
    selectorWritten: true,
  })
})

test('empty lists, empty selectors and what a newer sops may add do not count', () => {
  const block = {
    ...least,
    kms: [],
    pgp: null,
    gcp_kms: '',
    key_groups: [],
    encrypted_regex: '',
    new: { a: 1 },
  }
  expect(decodeMetadata(block, at)).toEqual(decoded)
})

test('keys of all kinds are read, in the order in which sops tries them', () => {
  const wrapped = { created_at: '2024-01-02T03:04:05Z', enc: 'e' }
  const block = {
    ...least,
    pgp: [{ ...wrapped, fp: 'ABCD' }],
    hc_vault: [{ ...wrapped, vault_address: 'https://v', engine_path: 'transit', key_name: 'k' }],
    azure_kv: [{ ...wrapped, vault_url: 'https://a', name: 'n', version: '1' }],
    hckms: [{ ...wrapped, key_id: 'r:k' }],
    gcp_kms: [{ ...wrapped, resource_id: 'projects/p' }],
    kms: [
      { ...wrapped, arn: 'arn:1', aws_profile: '' },
      { ...wrapped, arn: 'arn:2', role: 'r', context: { b: 'c' }, aws_profile: 'p' },
    ],
  }
  const read = { createdAt: '2024-01-02T03:04:05Z', enc: 'e' }
  expect(decodeMetadata(block, at).groups).toEqual([
    [
      { type: 'kms', ...read, arn: 'arn:1' },
      { type: 'kms', ...read, arn: 'arn:2', role: 'r', context: { b: 'c' }, awsProfile: 'p' },
      { type: 'gcp_kms', ...read, resourceId: 'projects/p' },
      { type: 'hckms', ...read, keyId: 'r:k' },
      { type: 'azure_kv', ...read, vaultUrl: 'https://a', name: 'n', version: '1' },
      { type: 'hc_vault', ...read, address: 'https://v', enginePath: 'transit', keyName: 'k' },
      { type: 'pgp', ...read, fp: 'ABCD' },
      { type: 'age', ...age },
    ],
  ])
})

test('groups are read, and lists at the top win over them', () => {
  const { age: keys, ...rest } = least
  const groups = { ...rest, key_groups: [{ age: keys, hc_vault: [] }, { age: keys }], shamir_threshold: 2 }
  expect(decodeMetadata(groups, at)).toEqual({
    ...decoded,
    groups: [decoded.groups[0], decoded.groups[0]],
    threshold: 2,
  })
  expect(
    decodeMetadata({ ...groups, pgp: [{ fp: 'A', created_at: least.lastmodified, enc: 'e' }] }, at).groups,
  ).toHaveLength(1)
})

test.each([true, 'true', 'True', '1', 1])('mac_only_encrypted may be %j', (value) => {
  expect(decodeMetadata({ ...least, mac_only_encrypted: value }, at).macOnlyEncrypted).toBe(true)
})

test.each([false, 'false', '', null, 0])('mac_only_encrypted is off where it is %j', (value) => {
  expect(decodeMetadata({ ...least, mac_only_encrypted: value }, at).macOnlyEncrypted).toBe(false)
})

test.each([3, '3', 3n])('shamir_threshold may be %s', (value) => {
  expect(decodeMetadata({ ...least, shamir_threshold: value }, at).threshold).toBe(3)
})

test('a version that YAML takes for a number is read', () => {
  expect(decodeMetadata({ ...least, version: 3.1 }, at).version).toBe('3.1')
})

test('a missing MAC is for the engine to refuse', () => {
  expect(decodeMetadata({ ...least, mac: undefined }, at).mac).toBe('')
})

test('one key alone may stand without its list, as sops takes it', () => {
  expect(decodeMetadata({ ...least, age }, at)).toEqual(decoded)
})

test.each([
  ['2024-01-02T03:04:05Z', '2024-01-02T03:04:05Z'],
  ['2024-01-02T03:04:05.678Z', '2024-01-02T03:04:05Z'],
  ['2024-01-02T03:04:05,6Z', '2024-01-02T03:04:05Z'],
  ['2024-01-02T03:04:05+00:00', '2024-01-02T03:04:05Z'],
  ['2024-01-02T03:04:05+02:00', '2024-01-02T03:04:05+02:00'],
  ['2024-02-29T23:59:59-11:30', '2024-02-29T23:59:59-11:30'],
])('the time %s authenticates the MAC as %s', (lastmodified, expected) => {
  expect(decodeMetadata({ ...least, lastmodified }, at).lastModified).toBe(expected)
})

test.each([
  '',
  'yesterday',
  '2024-01-02',
  '2024-01-02 03:04:05Z',
  '2024-01-02t03:04:05z',
  '2024-01-02T03:04:05',
  '2024-1-2T03:04:05Z',
  '2023-02-29T00:00:00Z',
  '2024-13-01T00:00:00Z',
  '2024-00-01T00:00:00Z',
  '2024-01-02T24:00:00Z',
  '2024-01-02T03:60:00Z',
  '2024-01-02T03:04:60Z',
  '2024-01-02T03:04:05+0200',
])('%j is no time', (lastmodified) => {
  expect(refused({ ...least, lastmodified }).message).toContain('sops.lastmodified: expected a time')
})

test.each<[unknown, string]>([
  [null, 'sops expected a map, found nothing'],
  ['x', 'sops expected a map, found another text'],
  [[least], 'sops expected a map, found a list'],
  [{ ...least, age: [] }, 'sops names no key'],
  [{ ...least, age: 'x' }, 'sops.age: expected a list, found another text'],
  [{ ...least, age: ['x'] }, 'sops.age[0] expected a map, found another text'],
  [{ ...least, age: [{ ...age, enc: ['x'] }] }, 'sops.age[0].enc: expected text, found a list'],
  [
    { ...least, age: [age, { ...age, recipient: true }] },
    'sops.age[1].recipient: expected text, found a boolean',
  ],
  [{ ...least, pgp: [{ fp: 'A', enc: 'e' }] }, 'sops.pgp[0].created_at: expected a time'],
  [
    { ...least, age: [], key_groups: [{ age: [{ enc: {} }] }] },
    'sops.key_groups[0].age[0].enc: expected text, found a map',
  ],
  [{ ...least, mac: {} }, 'sops.mac: expected text, found a map'],
  [{ ...least, lastmodified: new Date(0) }, 'in quotes, found a time or bytes'],
  [{ ...least, mac_only_encrypted: 'yes' }, 'sops.mac_only_encrypted: expected true or false'],
  [{ ...least, shamir_threshold: 'two' }, 'sops.shamir_threshold: expected a whole number'],
  [{ ...least, shamir_threshold: 256 }, 'sops.shamir_threshold: expected a whole number'],
  [{ ...least, shamir_threshold: -1 }, 'sops.shamir_threshold: expected a whole number'],
  [{ ...least, shamir_threshold: 1.5 }, 'sops.shamir_threshold: expected a whole number'],
  [{ ...least, shamir_threshold: true }, 'sops.shamir_threshold: expected a whole number'],
  [
    { ...least, encrypted_regex: 'a', encrypted_suffix: 'b' },
    'sops expected one of encrypted_suffix, encrypted_regex, not 2',
  ],
])('the block %j is refused', (block, message) => {
  const error = refused(block)
  expect(error.message).toContain(message)
  expect(error).toMatchObject({ sopsCode: 1, findings: [{ file: 'secrets/x.yaml', line: 7 }] })
})

test('names of JavaScript objects are no fields', () => {
  const block = JSON.parse(`{"__proto__": {"mac_only_encrypted": true}, ${JSON.stringify(least).slice(1)}`)
  expect(decodeMetadata(block, at)).toEqual(decoded)
})

function refused(block: unknown): SecretError {
  try {
    decodeMetadata(block, at)
  } catch (error) {
    return error as SecretError
  }
  return expect.fail('it was read')
}
