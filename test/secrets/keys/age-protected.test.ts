import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Encrypter } from 'age-encryption'
import { describe, expect, test } from 'vitest'
import { interrupted } from '../../../tasks/lib/cli/commands/signals.ts'
import { redact } from '../../../tasks/lib/cli/redact.ts'
import { createAgeKeys } from '../../../tasks/lib/secrets/keys/age/age.ts'
import { armor } from '../../../tasks/lib/secrets/keys/age/armor.ts'
import { createKeyring } from '../../../tasks/lib/secrets/keys/keyring.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { freshAgeKey } from '../../support/sops.ts'

/** A keys.txt that the real age 1.3 has encrypted with the passphrase "correct horse". */
const madeByAge = `-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBJdDB4SmFQWE8xdjZycmhX
NVc1eDJnIDEyCmNrREwxNWZlOWNta2dTdmdOZm9RRVk0MHQ4aWxXdmkzd3NjZmFC
MUZmNzQKLS0tIGt2Z08rUUZaSm1wN1VzeWdzSE8xemxXb2x5TmYveDNnZ0xUeDFL
WUc1OWsKHrggjdCZcE7xl9pJylwWB3unhg/lIw2GsE2XZWBc0vtRlR+qmyML/0Sr
29V+Mk7sRLfappHyN9jx1SN8DiAnyRypd3menxdOXOYoWMO7PlsKvdGVlM+mOZcx
yMt0fnq70ZBBWGL/TsM+JhZ5nntDy6DzI0a67QhLRKmk5ktrfXkGw2YNMbzKWyzc
ujVymZ4Nt/3xnTvZcPcx6uIHBEUfELsyZ54xkEDVEMJqgHY2Sj9o1cyIqu+rl9+9
+e7Qn3X41SVSDB6+Vg7Jr0q7vxKpgItpG1shTHBV
-----END AGE ENCRYPTED FILE-----
`
const recipient = 'age1c0ur3dt790vnrfjnaskfpqpkmaxpdp3de6tg5ygte7lh4cg75ywq5ft7m5'
const dataKey = Buffer.alloc(32, 'k')

describe('a keys.txt that age has protected with a passphrase', () => {
  test.each(['armored', 'binary'])('opens a file when it is %s', async (form) => {
    const bytes = form === 'armored' ? madeByAge : dearmored(madeByAge)
    const keys = await keysIn(bytes, async () => 'correct horse')
    expect(await unwrapped(keys)).toEqual(dataKey)
  })

  test('asks once for many files', async () => {
    let asked = 0
    const keys = await keysIn(madeByAge, async () => {
      asked++
      return 'correct horse'
    })
    await Promise.all([unwrapped(keys), unwrapped(keys), unwrapped(keys)])
    expect(asked).toBe(1)
    expect(redact('it is correct horse')).toBe('it is ***')
  })

  test('is not asked for where another identity opens the file', async () => {
    const other = freshAgeKey()
    const keys = await keysIn(madeByAge, () => expect.fail('asked'), other.identity)
    const enc = await keys.wrap({ type: 'age', recipient: other.recipient }, dataKey)
    expect(await keys.unwrap({ type: 'age', recipient: other.recipient, enc })).toEqual(dataKey)
  })

  test.each([
    ['a wrong passphrase', async () => 'wrong', /^the passphrase of SOPS_AGE_KEY_FILE .* is wrong$/],
    ['nobody to ask', undefined, /is protected by a passphrase, and nobody can be asked for it$/],
  ])('tells of %s', async (_, ask, message) => {
    await expect(unwrapped(await keysIn(madeByAge, ask))).rejects.toThrow(message)
  })

  test('is asked for no more after Ctrl-C, nor is anything else tried', async () => {
    const file = join(await temporaryFolder(), 'keys.txt')
    await writeFile(file, madeByAge)
    const environment = { SOPS_AGE_KEY_FILE: file }
    let asked = 0
    const askPassphrase = () => {
      asked++
      return Promise.reject(interrupted())
    }
    const keyring = createKeyring({ environment, publicKeys: [], askPassphrase })
    const keys = [freshAgeKey().recipient, recipient]
    const group = keys.map((name) => ({ type: 'age' as const, recipient: name }))
    const options = { file: 'a.yaml', now: new Date() }
    const groups = await keyring.wrap([group], { dataKey, ...options })
    await expect(keyring.open({ groups }, options)).rejects.toMatchObject({ exitCode: 130 })
    expect(asked).toBe(1)
  })

  test('is refused when it wants more memory than age would give', async () => {
    const bytes = dearmored(madeByAge).toString('latin1').replace(' 12\n', ' 23\n')
    const keys = await keysIn(Buffer.from(bytes, 'latin1'), async () => 'correct horse')
    await expect(unwrapped(keys)).rejects.toThrow('its scrypt work factor 23 is too high')
  })

  test('is refused when it is encrypted for a recipient instead', async () => {
    const encrypter = new Encrypter()
    encrypter.addRecipient(recipient)
    const bytes = armor(await encrypter.encrypt('AGE-SECRET-KEY-1'))
    const keys = await keysIn(bytes, async () => 'correct horse')
    await expect(unwrapped(keys)).rejects.toThrow('is encrypted, but not with a passphrase')
  })
})

async function keysIn(bytes: string | Buffer, askPassphrase?: () => Promise<string>, identity?: string) {
  const file = join(await temporaryFolder(), 'keys.txt')
  await writeFile(file, bytes)
  const environment = { SOPS_AGE_KEY_FILE: file, ...(identity && { SOPS_AGE_KEY: identity }) }
  return createAgeKeys({ environment, publicKeys: [], askPassphrase })
}

async function unwrapped(keys: ReturnType<typeof createAgeKeys>): Promise<Uint8Array> {
  const enc = await keys.wrap({ type: 'age', recipient }, dataKey)
  return keys.unwrap({ type: 'age', recipient, enc })
}

function dearmored(text: string): Buffer {
  return Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64')
}
