import { readFile } from 'node:fs/promises'
import { keysFile } from '../../keys/age/places.ts'
import { recipientOf } from '../../keys/age/recipient.ts'
import type { KeyPlaces } from '../../keys/key-source.ts'

/** A private key as text, with where it was read. */
export interface OwnIdentity {
  identity: string
  recipient: string
}

/** The age identities in the operator's files and in SOPS_AGE_KEY: the ones that can be copied. */
export async function ownIdentities(places: KeyPlaces): Promise<OwnIdentity[]> {
  const { SOPS_AGE_KEY, SOPS_AGE_KEY_FILE } = places.environment
  const files = [SOPS_AGE_KEY_FILE, keysFile(places)].filter((file) => file !== undefined && file !== '')
  const texts = await Promise.all(files.map((file) => readFile(file!, 'utf8').catch(() => '')))
  const words = [SOPS_AGE_KEY ?? '', ...texts].flatMap((text) => text.match(/^\s*AGE-SECRET-KEY-\S+/gm) ?? [])
  const identities = [...new Set(words.map((word) => word.trim()))]
  return Promise.all(
    identities.map(async (identity) => ({ identity, recipient: await recipientOf(identity) })),
  )
}
