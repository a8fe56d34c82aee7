import type { KeyPlaces } from '../keys/key-source.ts'
import { keyIdentity, type MasterKey } from '../keys/master-key.ts'
import { ownKeys } from '../operator/own-keys.ts'
import type { Access } from './drift.ts'

/** Whether whoever runs this can open a file; unknown where a service, a plugin or a passphrase has the say. */
export type Opens = 'yes' | 'no' | 'unknown'

/** Tells by the public parts of the keys at hand: nothing is decrypted, and nobody is asked for a passphrase. */
export async function opener(all: Access[], places: KeyPlaces): Promise<(access: Access) => Opens> {
  const keys = all.flatMap(({ groups }) => groups.flat())
  const ssh = keys.some((key) => key.type === 'age' && key.recipient.startsWith('ssh-'))
  const pgp = keys.some(({ type }) => type === 'pgp')
  const own = await ownKeys({ ...places, askPassphrase: undefined }, { ssh, pgp })
  const known = new Set(own.keys.map(({ key }) => keyIdentity(key)))
  const opensKey = (key: MasterKey): Opens => {
    if (known.has(keyIdentity(key))) return 'yes'
    return isElsewhere(key) || (key.type === 'age' && own.problems.length > 0) ? 'unknown' : 'no'
  }
  return ({ groups, threshold }) => {
    const needed = groups.length > 1 ? (threshold ?? groups.length) : 1
    const answers = groups.map((group) => best(group.map(opensKey)))
    const count = (...wanted: Opens[]) => answers.filter((answer) => wanted.includes(answer)).length
    if (count('yes') >= needed) return 'yes'
    return count('yes', 'unknown') >= needed ? 'unknown' : 'no'
  }
}

function best(answers: Opens[]): Opens {
  return (['yes', 'unknown'] as const).find((answer) => answers.includes(answer)) ?? 'no'
}

// Keys in a service, keys of plugins (age1NAME1…), and subkeys of PGP, whose primary key the keyring lists.
function isElsewhere(key: MasterKey): boolean {
  if (key.type === 'age') return /^age1(?!pq1)[^1]+1/.test(key.recipient)
  return key.type !== 'pgp' || key.fp.endsWith('!')
}
