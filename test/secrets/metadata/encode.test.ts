import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KeyGroup } from '../../../tasks/lib/secrets/keys/master-key.ts'
import { decodeMetadata } from '../../../tasks/lib/secrets/metadata/decode.ts'
import { encodeMetadata } from '../../../tasks/lib/secrets/metadata/encode.ts'
import type { Metadata } from '../../../tasks/lib/secrets/metadata/metadata.ts'
import { jsonStore } from '../../../tasks/lib/secrets/stores/json/json-store.ts'
import { freshAgeKey, sopsOutput } from '../../support/sops.ts'

const metadata: Metadata = {
  groups: [[{ type: 'age', recipient: 'age1x', enc: 'wrapped\n' }]],
  lastModified: '2024-01-02T03:04:05Z',
  mac: 'ENC[mac]',
  selector: { kind: 'encrypted_regex', value: '^data$' },
  selectorWritten: true,
  macOnlyEncrypted: false,
  version: '3.13.3',
}

test('keys are in alphabetical order, and nothing is written that says nothing', () => {
  expect(JSON.stringify(encodeMetadata(metadata))).toBe(
    '{"age":[{"enc":"wrapped\\n","recipient":"age1x"}],"encrypted_regex":"^data$","lastmodified":"2024-01-02T03:04:05Z","mac":"ENC[mac]","version":"3.13.3"}',
  )
})

test('a binary file names no selector', () => {
  expect(encodeMetadata({ ...metadata, selectorWritten: false })).not.toHaveProperty('encrypted_regex')
})

test('mac_only_encrypted is written where it is on', () => {
  expect(encodeMetadata({ ...metadata, macOnlyEncrypted: true })).toHaveProperty('mac_only_encrypted', true)
  expect(encodeMetadata(metadata)).not.toHaveProperty('mac_only_encrypted')
})

test('several groups are written with the number of them that is needed', () => {
  const groups = [metadata.groups[0]!, metadata.groups[0]!]
  expect(encodeMetadata({ ...metadata, groups })).toMatchObject({ shamir_threshold: 2 })
  const block = encodeMetadata({ ...metadata, groups: [...groups, []], threshold: 2 })
  expect(Object.keys(block)).toEqual([
    'encrypted_regex',
    'key_groups',
    'lastmodified',
    'mac',
    'shamir_threshold',
    'version',
  ])
  expect(block.key_groups).toEqual([
    { age: [{ enc: 'wrapped\n', recipient: 'age1x' }], hc_vault: [] },
    { age: [{ enc: 'wrapped\n', recipient: 'age1x' }], hc_vault: [] },
    { age: [], hc_vault: [] },
  ])
  expect(block.shamir_threshold).toBe(2)
})

test('what was written is read back as it was', () => {
  for (const groups of [metadata.groups, [everyKind, metadata.groups[0]!]]) {
    const whole = { ...metadata, groups, macOnlyEncrypted: true, threshold: 2 }
    expect(decodeMetadata(encodeMetadata(whole), { file: 'x' })).toEqual(whole)
  }
})

const createdAt = '2024-01-02T03:04:05Z'
const everyKind: KeyGroup = [
  { type: 'kms', arn: 'arn:aws:kms:eu-west-1:1:key/1', createdAt, enc: 'a' },
  {
    type: 'kms',
    arn: 'arn:aws:kms:eu-west-1:1:key/2',
    role: 'arn:aws:iam::1:role/r',
    context: { b: 'c', a: 'd' },
    awsProfile: 'p',
    createdAt,
    enc: 'b',
  },
  { type: 'gcp_kms', resourceId: 'projects/p/locations/l/keyRings/r/cryptoKeys/k', createdAt, enc: 'c' },
  { type: 'hckms', keyId: 'eu-west-0:12345678-1234-1234-1234-123456789012', createdAt, enc: 'd' },
  { type: 'azure_kv', vaultUrl: 'https://v.vault.azure.net', name: 'n', version: '1', createdAt, enc: 'e' },
  { type: 'hc_vault', address: 'https://vault', enginePath: 'transit', keyName: 'k', createdAt, enc: 'f' },
  { type: 'pgp', fp: '85D77543B3D624B63CEA9E6DBC17301B491B3F21', createdAt, enc: 'g' },
]

describe('the real sops writes the same block', () => {
  const key = freshAgeKey()
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'metaltasks-metadata-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  // Setting a value needs one key that opens the file; all others are written as they were read.
  async function writtenBySops(sealed: Uint8Array): Promise<Buffer> {
    const file = join(folder, 'x.json')
    await writeFile(file, sealed)
    await sopsOutput(['set', file, '["a"]', '"c"'], { env: { SOPS_AGE_KEY: key.identity } })
    return readFile(file)
  }

  async function sealedBySops(command: string[]): Promise<Buffer> {
    const types = ['--input-type', 'json', '--output-type', 'json', '--filename-override', 'x.json']
    return sopsOutput([...command, ...types], { input: '{"a":"b"}', cwd: folder })
  }

  test('with keys of every kind', async () => {
    const document = parse(await sealedBySops(['encrypt', '--age', key.recipient]))
    const groups = [[...everyKind, ...document.metadata.groups[0]!]]
    const ours = jsonStore.emit({ ...document, metadata: { ...document.metadata, groups } })
    const theirs = await writtenBySops(ours)
    expect(parse(theirs).metadata.groups).toEqual(groups)
    expect(Buffer.from(jsonStore.emit(parse(theirs))).toString()).toBe(theirs.toString())
  })

  test('with groups, of which two are needed', async () => {
    const group = `{age: [${key.recipient}]}`
    const rule = `{key_groups: [${group}, ${group}, ${group}], shamir_threshold: 2, mac_only_encrypted: true}`
    const config = join(folder, 'config.yaml')
    await writeFile(config, `creation_rules: [${rule}]\n`)
    const sealed = await sealedBySops(['--config', config, 'encrypt'])
    const document = parse(sealed)
    expect(document.metadata).toMatchObject({ threshold: 2, macOnlyEncrypted: true })
    expect(document.metadata.groups).toHaveLength(3)
    expect(Buffer.from(jsonStore.emit(document)).toString()).toBe(sealed.toString())
  })

  function parse(bytes: Uint8Array) {
    const document = jsonStore.parse(bytes, { file: 'x.json', encrypted: true })
    return { ...document, metadata: document.metadata! }
  }
})
