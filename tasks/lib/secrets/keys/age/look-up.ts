import { readFile } from 'node:fs/promises'
import type { KeyPlaces } from '../key-source.ts'
import type { Identity } from './identity.ts'
import { readIdentities } from './identity-texts.ts'
import { outputOf } from './key-command.ts'
import { type IdentityPlace, identityPlaces } from './places.ts'
import { isAgeFile, protectedIdentity } from './protected.ts'

/** What a place was found to hold. */
export interface Found {
  place: IdentityPlace
  state: 'not set' | 'missing' | 'read'
  identities: Identity[]
  /** AGE-PLUGIN-…: the key service uses them. */
  plugins: string[]
  problems: string[]
}

/** Looks at the places of one kind. Each is read once; a command once for each recipient, which it is told. */
export type LookUp = (holds: IdentityPlace['holds'], recipient: string) => Promise<Found[]>

export function createLookUp(places: KeyPlaces): LookUp {
  const all = identityPlaces(places)
  const known = new Map<string, Promise<Found>>()
  const found = (place: IdentityPlace, recipient: string) => {
    const id = 'command' in place ? `${place.name} ${recipient}` : place.name
    const finding = known.get(id) ?? lookAt(place, { places, recipient })
    known.set(id, finding)
    return finding
  }
  return (holds, recipient) =>
    Promise.all(all.filter((place) => place.holds === holds).map((place) => found(place, recipient)))
}

type Looking = { places: KeyPlaces; recipient: string }

async function lookAt(place: IdentityPlace, looking: Looking): Promise<Found> {
  const found: Found = { place, state: 'read', identities: [], plugins: [], problems: [] }
  try {
    const bytes = await bytesOf(place, looking)
    if (!bytes) return { ...found, state: 'unset' in place ? 'not set' : 'missing' }
    const ask = looking.places.askPassphrase
    const { name } = place
    if (place.holds === 'ssh key') {
      const { readSshIdentity } = await import('./ssh/ssh-identity.ts')
      const path = 'path' in place ? place.path : undefined
      return { ...found, identities: [await readSshIdentity(bytes, { name, path, ask })] }
    }
    if (isAgeFile(bytes)) return { ...found, identities: [protectedIdentity(bytes, { name, ask })] }
    return { ...found, ...readIdentities(bytes.toString(), { words: 'variable' in place }) }
  } catch (error) {
    return { ...found, problems: [(error as Error).message] }
  }
}

async function bytesOf(place: IdentityPlace, { places, recipient }: Looking): Promise<Buffer | undefined> {
  if ('unset' in place) return undefined
  if ('variable' in place) return Buffer.from(place.variable)
  if ('command' in place) return outputOf(place.command, { recipient, places })
  return readFile(place.path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw new Error(`it cannot be read: ${error.code}`)
  })
}

/** One place in a few words: "~/.ssh/id_rsa (missing)", "SOPS_AGE_KEY (has age1…)". */
export async function foundText({ place, state, identities, plugins, problems }: Found): Promise<string> {
  const recipients = await Promise.all(identities.map((identity) => identity.recipient()))
  const had = [...recipients.map(shortRecipient), ...plugins.map(() => 'a plugin identity')]
  const parts = [...(had.length > 0 ? [`has ${had.join(' and ')}`] : []), ...problems]
  const read = parts.length > 0 ? parts.join(', ') : 'empty'
  return `${place.name}: ${state === 'read' ? read : state}`
}

/** A recipient short enough for an error: post-quantum ones have 1,959 characters. */
export function shortRecipient(recipient: string): string {
  return recipient.length <= 80 ? recipient : `${recipient.slice(0, 24)}…${recipient.slice(-8)}`
}
