import { describe, expect, it } from 'vitest'
import { nameOf, readPeople } from '../../tasks/lib/secrets/keys/people.ts'
import { createPgpKey } from '../../tasks/lib/secrets/keys/pgp/create.ts'
import { temporaryFolder } from '../support/cli.ts'

const one = 'age1e9cwwyvxsjlawtkymagnsgkulsa28kyuxkahtqp4vgy7fuy3g5rssgmmqr'
const two = 'age1m5w49ymqscm9ackwcjn2pz6cdgzuyk5juz5pz4dz9qcdknfyeunszqzg9m'
const ssh = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDUNNzLwIwbWSj+2ipEdvVJXyEYKmFTJ/0QQbU6nPWOj'

describe('people', () => {
  it('are the files of the folder, with their keys', async () => {
    const folder = temporaryFolder({
      'bob.pub': `${ssh} bob@laptop\n`,
      'alice.age': `# laptop\n${one}\n\n# desk\r\n${two}\r\n`,
      'README.md': 'public keys',
      '.hidden.age': 'x',
    })
    expect(await readPeople(folder)).toEqual([
      {
        name: 'alice',
        file: `${folder}/alice.age`,
        keys: [
          { type: 'age', recipient: one },
          { type: 'age', recipient: two },
        ],
      },
      { name: 'bob', file: `${folder}/bob.pub`, keys: [{ type: 'age', recipient: ssh }] },
    ])
  })

  it('may have PGP keys, which a file names with a subkey too', async () => {
    const { publicArmored, fingerprint } = await createPgpKey({ name: 'Carol', kind: 'ecc' })
    const people = await readPeople(temporaryFolder({ 'carol.asc': publicArmored }))
    expect(people).toMatchObject([{ name: 'carol', keys: [{ type: 'pgp', fp: fingerprint }] }])
    expect(people[0]).not.toHaveProperty('problem')
    expect(nameOf(people, { type: 'pgp', fp: fingerprint })).toBe('carol')
    expect(nameOf(people, { type: 'pgp', fp: `${fingerprint}!` })).toBe('carol')
    expect(nameOf(people, { type: 'pgp', fp: '0'.repeat(40) })).toBeUndefined()
  })

  it('are found by a key, whatever comment stands behind it', async () => {
    const people = await readPeople(temporaryFolder({ 'bob.pub': `${ssh} bob@laptop\n`, 'alice.age': one }))
    expect(nameOf(people, { type: 'age', recipient: ssh })).toBe('bob')
    expect(nameOf(people, { type: 'age', recipient: `${ssh} other` })).toBe('bob')
    expect(nameOf(people, { type: 'age', recipient: one })).toBe('alice')
    expect(nameOf(people, { type: 'age', recipient: two })).toBeUndefined()
  })

  it('are none where there is no folder', async () => {
    expect(await readPeople('/nowhere/at/all')).toEqual([])
  })

  it.each([
    ['a.age', '# nothing\n', 'holds no recipient'],
    ['a.age', `${one}\nAGE-SECRET-KEY-1XXXX\n`, 'line 2 is an identity (a private key), not a recipient'],
    ['a.age', 'age9\n', 'line 1 is no age recipient'],
    ['a.pub', '-----BEGIN OPENSSH PRIVATE KEY-----\n', 'is a private key'],
    ['a.pub', 'ecdsa-sha2-nistp256 AAAA\n', 'holds no ssh-ed25519 or ssh-rsa key'],
    ['a.asc', 'nothing\n', 'holds no PGP public key'],
  ])('%s with %j has a problem, which shows nothing of what it holds', async (name, text, expected) => {
    const [person] = await readPeople(temporaryFolder({ [name]: text }))
    expect(person!.problem).toContain(expected)
    expect(person!.problem).not.toContain('XXXX')
  })
})
