import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { TaskError } from '../../cli/errors.ts'
import { keysFile } from '../keys/age/places.ts'
import type { KeyPlaces } from '../keys/key-source.ts'
import type { AgeKey, PgpKey } from '../keys/master-key.ts'

export const keyTypes = ['age', 'age-pq', 'pgp-ecc', 'pgp-rsa'] as const
export type OwnKeyType = (typeof keyTypes)[number]

/** A key that was made: what to give away of it, and its private part as text. */
export interface CreatedKey {
  key: AgeKey | PgpKey
  /** The ending of its file in secrets/keys. */
  ending: 'age' | 'asc'
  publicText: string
  /** As sops, age or gpg read it. Not written anywhere yet. */
  privateText: string
}

/** Makes a key in memory. `name` goes into a PGP key, which cannot be without. */
export async function createKey(
  type: OwnKeyType,
  { name, passphrase, now }: { name: string; passphrase?: string; now: Date },
): Promise<CreatedKey> {
  if (type === 'age' || type === 'age-pq') {
    const { createAgeKey } = await import('../keys/age/create.ts')
    const { recipient, text } = await createAgeKey({ postQuantum: type === 'age-pq', now })
    return { key: { type: 'age', recipient }, ending: 'age', publicText: `${recipient}\n`, privateText: text }
  }
  const { createPgpKey } = await import('../keys/pgp/create.ts')
  const kind = type === 'pgp-ecc' ? 'ecc' : 'rsa'
  const made = await createPgpKey({ name, kind, passphrase })
  const key: PgpKey = { type: 'pgp', fp: made.fingerprint }
  return { key, ending: 'asc', publicText: made.publicArmored, privateText: made.privateArmored }
}

/** Puts the private part where sops looks for it, and gives that place. */
export async function keepPrivate(
  { key, privateText }: Pick<CreatedKey, 'key' | 'privateText'>,
  places: KeyPlaces,
): Promise<string> {
  return key.type === 'age' ? appendIdentity(privateText, places) : importToGpg(privateText, places)
}

/** Adds an identity to the operator's keys.txt, which nobody else may read; what is in it stays. Gives its path. */
export function appendIdentity(text: string, places: Pick<KeyPlaces, 'environment' | 'home'>): string {
  const file = keysFile(places)
  if (!file)
    throw new TaskError('there is no place for a key: neither HOME nor XDG_CONFIG_HOME is set', {
      hint: 'export HOME=/home/NAME',
    })
  const before = existsSync(file) ? readFileSync(file) : Buffer.alloc(0)
  if (/^(age-encryption\.org\/|-----BEGIN AGE)/.test(before.toString('latin1')))
    throw new TaskError('is protected by a passphrase: nothing can be added to it', {
      file,
      hint: 'take it as it is, or name it by SOPS_AGE_KEY_FILE and leave this place free',
    })
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  append(file, `${before.length > 0 && before.at(-1) !== 10 ? '\n' : ''}${text}`)
  return file
}

function append(file: string, text: string): void {
  const descriptor = openSync(file, 'a', 0o600)
  try {
    writeSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  chmodSync(file, 0o600)
}

async function importToGpg(armored: string, places: KeyPlaces): Promise<string> {
  const { runGpg } = await import('../keys/pgp/gpg-process.ts')
  const result = await runGpg(['--batch', '--import'], { places, input: armored })
  if (result.exitCode === 0) return "gpg's keyring"
  throw new TaskError(`gpg did not take the key: ${result.said}`, {
    hint: 'a key of age needs no gpg: tasks secrets:key --type age',
  })
}
