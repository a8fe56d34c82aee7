import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encryptionKeys } from '../../tasks/lib/cluster/material.ts'
import { soundKeys } from '../../tasks/lib/kubernetes/api-server/encryption-key.ts'
import { keyedProject } from '../volumes/project.ts'

const now = () => new Date('2026-11-21T20:15:00Z')

test('the first key of a cluster is in its file, encrypted, before anybody gets it', async () => {
  const project = await keyedProject()
  const keys = encryptionKeys(project, { now })
  expect(await keys.kept()).toBeUndefined()

  const made = await keys.keptOrMade()

  expect(made.map(({ name, secret }) => [name, Buffer.from(secret, 'base64').length])).toEqual([
    ['key-20261121201500', 32],
  ])
  expect(await keys.keptOrMade()).toEqual(made)
  const text = await readFile(join(project.folder, 'cluster/encryption.yaml'), 'utf8')
  expect(text).toContain('ENC[AES256_GCM')
  expect(text).not.toContain(made[0]!.secret)
})

test('keys are put in the place of those before, the first of them first', async () => {
  const keys = encryptionKeys(await keyedProject(), { now })
  const [old] = await keys.keptOrMade()
  const next = { name: 'next', secret: randomBytes(32).toString('base64') }
  await keys.keep([next, old!])
  expect(await keys.kept()).toEqual([next, old])
})

test.each([
  ['no key', [], 'it holds no key'],
  ['the key of the manual', [key('01234567890123456789012345678901')], 'key one is a sample'],
  ['one byte over and over', [key('0'.repeat(32))], 'key one is a sample'],
  ['half a key', [key('0123456789abcdef')], 'key one has 16 bytes, not 32'],
])('F01 %s is refused', (_case, keys, message) => {
  expect(() => soundKeys(keys, { shown: 'secrets/cluster/encryption.yaml' })).toThrow(message)
})

function key(text: string) {
  return { name: 'one', secret: Buffer.from(text).toString('base64') }
}
