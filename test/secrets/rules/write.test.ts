import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { AgeKey, PgpKey } from '../../../tasks/lib/secrets/keys/master-key.ts'
import { addRecipient, rulesWithout } from '../../../tasks/lib/secrets/rules/write.ts'
import { temporaryFolder } from '../../support/cli.ts'

const file = '.sops.yaml'
const alice: AgeKey = { type: 'age', recipient: 'age1alice' }
const bob: AgeKey = { type: 'age', recipient: 'age1bob' }
const carol: PgpKey = { type: 'pgp', fp: 'A'.repeat(40) }

function rulesFile(text?: string): { file: string; read(): string } {
  const folder = temporaryFolder(text === undefined ? {} : { '.sops.yaml': text })
  const file = join(folder, '.sops.yaml')
  return { file, read: () => readFileSync(file, 'utf8') }
}

test('the first recipient makes a file with rules for Secret manifests and for everything else', async () => {
  const { file, read } = rulesFile()
  expect(await addRecipient(file, alice, { comment: 'alice' })).toBe(true)
  expect(read()).toBe(`creation_rules:
  - path_regex: ^secrets/.*\\.(yaml|yml|json)$
    encrypted_regex: ^(data|stringData)$
    age:
      - age1alice # alice
  - path_regex: ^secrets/.*
    age:
      - age1alice # alice
`)
  expect(await addRecipient(file, alice)).toBe(false)
  await addRecipient(file, carol)
  await addRecipient(file, bob)
  expect(read().match(/age1bob/g)).toHaveLength(2)
  expect(read().match(/pgp:\n {6}- A{40}/g)).toHaveLength(2)
})

const laidOut = `# who may read what
keys:
- &alice age1alice   # on leave

creation_rules:
# production
- path_regex: ^secrets/prod/
  age: age1prod
- path_regex: ^secrets/   # the rest
  encrypted_regex: '^(data|stringData)$'
  age: >-
    age1alice,
    age1zoe
  pgp:
  - "${'A'.repeat(40)}"   # carol
`

describe('an existing file keeps its comments, its order and its other rules', () => {
  test('when a recipient is added', async () => {
    const { file, read } = rulesFile(laidOut)
    expect(await addRecipient(file, bob)).toBe(true)
    const lines = read().split('\n')
    expect(lines).toContain('# who may read what')
    expect(lines).toContain('# production')
    expect(lines).toContain('- path_regex: ^secrets/prod/')
    expect(lines).toContain('  age: age1prod')
    expect(read()).toContain(`"${'A'.repeat(40)}" # carol`)
    expect(read().replace(/\s+/g, '')).toContain('age1alice,age1zoe,age1bob')
    expect(read()).not.toMatch(/age1prod,age1bob/)
  })

  test('when a recipient is taken out', () => {
    const zoe: AgeKey = { type: 'age', recipient: 'age1zoe' }
    expect(rulesWithout(laidOut, [bob], { file })).toBeUndefined()
    const left = rulesWithout(laidOut, [carol, zoe], { file })!
    expect(left).not.toMatch(/carol|age1zoe/)
    expect(left).toContain('# production')
    expect(() => rulesWithout(left, [alice], { file })).toThrow('nobody could open the files of this rule')
  })
})

test('only the rules that take the given paths get a recipient', async () => {
  const { file, read } = rulesFile(laidOut)
  await addRecipient(file, bob, { paths: ['secrets/prod/db.yaml'] })
  expect(read()).toContain('age: age1prod,age1bob')
  expect(read()).not.toContain('age1zoe,age1bob')
  await expect(addRecipient(file, bob, { paths: ['other/x.yaml'] })).rejects.toThrow('no creation rule takes')
})

test('a recipient that stands there by an alias is known, and taken out', async () => {
  const { file: standing, read } = rulesFile(
    'people:\n  - &alice age1alice\ncreation_rules:\n  - key_groups:\n      - age:\n          - *alice\n          - age1bob\n',
  )
  expect(await addRecipient(standing, alice)).toBe(false)
  expect(rulesWithout(read(), [alice], { file })).toContain('- age:\n          - age1bob\n')
})

test('to which of several key groups somebody belongs is not guessed', async () => {
  const { file } = rulesFile('creation_rules:\n  - key_groups:\n      - age: [age1a]\n      - age: [age1b]\n')
  await expect(addRecipient(file, bob)).rejects.toThrow('2 key groups')
})
