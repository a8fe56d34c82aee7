import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findRules, readRules } from '../../../tasks/lib/secrets/rules/rules.ts'
import { temporaryFolder, writeFiles } from '../../support/cli.ts'
import { freshAgeKey, runSops } from '../../support/sops.ts'

const read = (text: string) => readRules(join(temporaryFolder({ '.sops.yaml': text }), '.sops.yaml'))

async function policy(text: string, path = 'secrets/a.yaml') {
  const rules = await read(text)
  return rules.policyFor(join(rules.file, '..', path))
}

describe('the rules of a folder', () => {
  test('are those of the nearest .sops.yaml upward', async () => {
    const folder = temporaryFolder({ '.sops.yaml': 'creation_rules: []', 'a/b/c/x': '', 'a/.sops.yaml': '' })
    expect((await findRules(join(folder, 'a/b/c')))?.file).toBe(join(folder, 'a/.sops.yaml'))
    expect((await findRules(folder))?.file).toBe(join(folder, '.sops.yaml'))
  })

  test('are those of the file that SOPS_CONFIG names', async () => {
    const folder = temporaryFolder({ '.sops.yaml': '', 'other.yaml': 'creation_rules: [{age: age1x}]' })
    expect((await findRules(folder, { config: 'other.yaml' }))?.rules).toHaveLength(1)
    await expect(findRules(folder, { config: 'missing.yaml' })).rejects.toThrow('cannot be read')
  })

  test('are not those of a .sops.yml, which is told of', async () => {
    const folder = temporaryFolder({ '.sops.yaml': '', 'a/.sops.yml': '', 'a/b/x': '' })
    const rules = await findRules(join(folder, 'a/b'))
    expect(rules?.findings).toMatchObject([{ severity: 'warning', file: join(folder, 'a/.sops.yml') }])
  })
})

test('the first rule that matches the path from the folder of the file counts', async () => {
  const text = `creation_rules:
  - path_regex: ^a/
    age: age1first
  - path_regex: \\.yaml$
    age: age1second
  - age: age1rest
`
  const recipient = async (path: string) => (await policy(text, path)).groups
  expect(await recipient('a/x.yaml')).toEqual([[{ type: 'age', recipient: 'age1first' }]])
  expect(await recipient('b/a/x.yaml')).toEqual([[{ type: 'age', recipient: 'age1second' }]])
  expect(await recipient('x.env')).toEqual([[{ type: 'age', recipient: 'age1rest' }]])
})

test('a path through a link is one below the rules when it leads there', async () => {
  const folder = temporaryFolder({ 'repo/.sops.yaml': 'creation_rules: [{path_regex: ^db/, age: age1x}]' })
  writeFiles(folder, { 'repo/db/x.yaml': '' })
  symlinkSync(join(folder, 'repo'), join(folder, 'secrets'))
  const rules = await readRules(join(folder, 'repo/.sops.yaml'))
  const path = await rules.pathOf(join(folder, 'secrets/db/x.yaml'))
  expect(path).toBe(join(folder, 'repo/db/x.yaml'))
  expect(rules.ruleFor(path)?.line).toBe(1)
})

describe('recipients', () => {
  test('stand in a text with commas, or in a list, and in the order of sops', async () => {
    const fp = 'a'.repeat(40)
    const { groups } = await policy(`creation_rules:
  - hc_vault_transit_uri: https://vault:8200/v1/sops/transit/keys/first,
    azure_keyvault: https://v.vault.azure.net/keys/k/0123
    hckms: [eu:uuid]
    gcp_kms: projects/p/k, projects/p/l
    kms: "arn:aws:kms:eu:1:key/a+arn:aws:iam::1:role/r"
    aws_profile: me
    pgp: ["${fp}", "A 1"]
    age: >-
      age1a,
      age1b
`)
    expect(groups).toEqual([
      [
        { type: 'age', recipient: 'age1a' },
        { type: 'age', recipient: 'age1b' },
        { type: 'pgp', fp: 'A'.repeat(40) },
        { type: 'pgp', fp: 'A1' },
        { type: 'kms', arn: 'arn:aws:kms:eu:1:key/a', role: 'arn:aws:iam::1:role/r', awsProfile: 'me' },
        { type: 'gcp_kms', resourceId: 'projects/p/k' },
        { type: 'gcp_kms', resourceId: 'projects/p/l' },
        { type: 'hckms', keyId: 'eu:uuid' },
        { type: 'azure_kv', vaultUrl: 'https://v.vault.azure.net', name: 'k', version: '0123' },
        { type: 'hc_vault', address: 'https://vault:8200', enginePath: 'sops/transit', keyName: 'first' },
      ],
    ])
  })

  test('stand in key groups, merged and without doubles, and the keys beside the groups do not count', async () => {
    const { groups, threshold } = await policy(`creation_rules:
  - age: age1ignored
    shamir_threshold: 2
    key_groups:
      - merge:
          - age: [age1a]
          - pgp: ["AA"]
        age: [age1a, age1b]
      - kms: [{arn: arn:1, role: r, context: {app: web}, aws_profile: p}, {arn: arn:1}]
        gcp_kms: [{resource_id: x}]
        hckms: [{key_id: "eu:u"}]
        azure_keyvault: [{vaultUrl: https://v, key: k, version: "1"}]
        hc_vault: [https://vault/v1/transit/keys/n]
`)
    expect(threshold).toBe(2)
    expect(groups).toEqual([
      [
        { type: 'age', recipient: 'age1a' },
        { type: 'pgp', fp: 'AA' },
        { type: 'age', recipient: 'age1b' },
      ],
      [
        { type: 'kms', arn: 'arn:1', role: 'r', context: { app: 'web' }, awsProfile: 'p' },
        { type: 'kms', arn: 'arn:1' },
        { type: 'gcp_kms', resourceId: 'x' },
        { type: 'hckms', keyId: 'eu:u' },
        { type: 'azure_kv', vaultUrl: 'https://v', name: 'k', version: '1' },
        { type: 'hc_vault', address: 'https://vault', enginePath: 'transit', keyName: 'n' },
      ],
    ])
  })

  test('may be anchors, and come by merge keys', async () => {
    const { groups } = await policy(
      'keys:\n  - &a age1a\ncommon: &c\n  pgp: ["AA"]\ncreation_rules:\n  - <<: *c\n    age: [*a]\n',
    )
    expect(groups).toEqual([
      [
        { type: 'age', recipient: 'age1a' },
        { type: 'pgp', fp: 'AA' },
      ],
    ])
  })
})

test.each([
  ['unencrypted_suffix', '_plain'],
  ['encrypted_suffix', '_secret'],
  ['unencrypted_regex', '^x$'],
  ['encrypted_regex', '^(data|stringData)$'],
  ['unencrypted_comment_regex', 'plain'],
  ['encrypted_comment_regex', 'secret'],
])('a rule may name %s', async (kind, value) => {
  const rule = `creation_rules: [{age: age1a, mac_only_encrypted: yes, ${kind}: '${value}'}]`
  expect(await policy(rule)).toMatchObject({ selector: { kind, value }, macOnlyEncrypted: true })
})

describe('what is wrong is told with the line it stands in', () => {
  test.each([
    ['creation_rules:\n  - path_regex: a(\n', 2, 'path_regex: error parsing regexp: missing closing )'],
    [
      'creation_rules:\n  - age: age1a\n    encrypted_regex: a\n    encrypted_suffix: b\n',
      3,
      'cannot stand in one rule',
    ],
    ['creation_rules:\n  - pgp: A\n    age: AGE-SECRET-KEY-1ABC\n', 3, 'an age identity stands where'],
    ['creation_rules:\n  - pgp: A\n    age:\n      - [x]\n', 4, 'age holds something that is no text'],
    ['creation_rules:\n  - age: nobody\n', 2, 'nobody is no age recipient'],
    ['creation_rules:\n\n  - pgp: 12\n', 3, 'pgp is not a list'],
    ['creation_rules:\n  - key_groups: x\n', 2, 'key_groups is not a list'],
    [
      'creation_rules:\n  - age: age1x\n    shamir_threshold: two\n',
      3,
      'shamir_threshold is not a whole number',
    ],
    ['creation_rules:\n  - azure_keyvault: https://v/keys/k\n', 2, 'needs its version'],
    ['creation_rules:\n  - hc_vault_transit_uri: https://v/x\n', 2, 'is no Vault key'],
    ['creation_rules: x\n', 1, 'creation_rules is not a list'],
    ['creation_rules:\n  - age: "a\n', 3, 'is not YAML'],
    ['creation_rules:\n  - age: a\n    age: b\n', 3, 'is not YAML: Map keys must be unique'],
    ['- a\n', 1, 'the file is not a map'],
    ['stores:\n  yaml:\n    indent: wide\n', 3, 'indent is not a whole number'],
  ])('%j', async (text, line, message) => {
    const error = await policy(text).catch((thrown) => thrown)
    expect(error.message).toContain(message)
    expect(error.findings[0]).toMatchObject({ line, file: expect.stringContaining('.sops.yaml') })
    expect(error.message).not.toContain('AGE-SECRET')
  })

  test('no rule takes the file', async () => {
    const error = await policy('creation_rules: [{path_regex: ^other/}]').catch((thrown) => thrown)
    expect(error).toMatchObject({
      message: 'no matching creation rules found for secrets/a.yaml',
      sopsCode: 1,
    })
  })
})

test('a key that is nearly one of sops is told of; keys of one’s own are not', async () => {
  const { findings } = await read('keys: [x]\ncreation_rules:\n  - path_regexp: a\n    mine: 1\nstore: {}\n')
  expect(findings).toMatchObject([
    { severity: 'warning', line: 5, hint: 'did you mean stores?' },
    { severity: 'warning', line: 3, hint: 'did you mean path_regex?' },
  ])
})

test('stores sets the indents of files', async () => {
  const rules = await read('stores: {yaml: {indent: 2}, json: {indent: 3}, json_binary: {indent: 4}}')
  expect(['yaml', 'json', 'binary', 'ini'].map((type) => rules.indentOf(type as 'yaml'))).toEqual([
    2,
    3,
    4,
    undefined,
  ])
})

test('the real sops takes the same rule for each path, and the same recipients', async () => {
  const [one, two] = [freshAgeKey().recipient, freshAgeKey().recipient]
  const text = `creation_rules:
  - path_regex: ^a/.*\\.json$
    age: ["${one}"]
    encrypted_regex: ^x$
  - path_regex: (?i)DB
    key_groups:
      - age: ["${two}", "${one}", "${two}"]
  - path_regex: '[^/]+\\.json$'
    age: ${two},${one}
`
  const folder = temporaryFolder({ '.sops.yaml': text })
  const rules = await readRules(join(folder, '.sops.yaml'))
  for (const path of ['a/b.json', 'b/a/x.json', 'my-db.json', 'x.env', 'sub/b.json']) {
    const ours = rules.ruleFor(join(folder, path))?.policy()
    const args = ['encrypt', '--filename-override', path, '--input-type', 'json', '--output-type', 'json']
    const theirs = await runSops(args, { cwd: folder, input: '{"x": "1"}' })
    const sops = theirs.exitCode === 0 ? JSON.parse(theirs.stdout).sops : undefined
    expect(sops?.age.map(({ recipient }: { recipient: string }) => recipient)).toEqual(
      ours?.groups.flat().map((key) => key.type === 'age' && key.recipient),
    )
    if (sops) expect(sops[ours!.selector.kind]).toBe(ours!.selector.value)
  }
})
