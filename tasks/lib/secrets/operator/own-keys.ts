import { existsSync } from 'node:fs'
import type { KeyPlaces } from '../keys/key-source.ts'
import { type AgeKey, keyIdentity, type PgpKey } from '../keys/master-key.ts'

/** A key whose private part is at hand. */
export interface OwnKey {
  key: AgeKey | PgpKey
  /** Where the private part is: "~/.config/sops/age/keys.txt", "gpg's keyring". */
  place: string
}

export interface OwnKeys {
  keys: OwnKey[]
  /** Places that hold something which could not be read. */
  problems: string[]
}

/** Where keys are looked for: age identities always; ssh keys are mostly for something else, and gpg takes its time. */
export interface Lookup {
  ssh?: boolean
  pgp?: boolean
}

/** The operator's keys, wherever sops looks for them. */
export async function ownKeys(places: KeyPlaces, { ssh, pgp }: Lookup = {}): Promise<OwnKeys> {
  const age = await ageKeys(places, ssh ? ['identities', 'ssh key'] : ['identities'])
  const keys = [...age.keys, ...(pgp ? await pgpKeys(places) : [])]
  return {
    keys: [...new Map(keys.map((own) => [keyIdentity(own.key), own])).values()],
    problems: age.problems,
  }
}

async function ageKeys(places: KeyPlaces, kinds: ('identities' | 'ssh key')[]): Promise<OwnKeys> {
  const { createLookUp } = await import('../keys/age/look-up.ts')
  const lookUp = createLookUp(places)
  const found = (await Promise.all(kinds.map((kind) => lookUp(kind, '')))).flat()
  const own: OwnKeys = { keys: [], problems: [] }
  for (const { place, identities, problems } of found) {
    own.problems.push(...problems.map((problem) => `${place.name}: ${problem}`))
    for (const identity of identities) {
      const recipient = await identity.recipient()
      // Of identities behind a passphrase it is not known which they are.
      if (/^(age1|ssh-)/.test(recipient))
        own.keys.push({ key: { type: 'age', recipient }, place: place.name })
      else own.problems.push(`${place.name}: ${recipient}`)
    }
  }
  return own
}

// Without gpg there is no keyring to look at; and to look would make one for somebody who has never used it.
async function pgpKeys(places: KeyPlaces): Promise<OwnKey[]> {
  const { gnupgHome } = await import('../keys/pgp/key-files.ts')
  const home = gnupgHome(places)
  if (!home || !existsSync(home)) return []
  const { runGpg } = await import('../keys/pgp/gpg-process.ts')
  const words = ['--batch', '--list-secret-keys', '--with-colons']
  const listed = await runGpg(words, { places }).catch(() => undefined)
  if (listed?.exitCode !== 0) return []
  return fingerprints(listed.stdout.toString()).map((fp) => ({
    key: { type: 'pgp', fp },
    place: "gpg's keyring",
  }))
}

// The fingerprint of a primary key follows its line; those of subkeys follow theirs. Source: doc/DETAILS of GnuPG.
function fingerprints(colons: string): string[] {
  const records = colons.split('\n').map((line) => line.split(':'))
  return records.flatMap(([kind, validity], index) => {
    if (kind !== 'sec' || /^[re]/.test(validity ?? '')) return []
    const next = records.slice(index + 1).find(([following]) => following === 'fpr')
    return next?.[9] ? [next[9]] : []
  })
}
