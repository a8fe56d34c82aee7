import { randomBytes } from 'node:crypto'
import type { Metadata } from '../metadata/metadata.ts'
import type { KeyPlaces, KeySource, Sources } from './key-source.ts'
import type { KeyGroup, MasterKey } from './master-key.ts'
import { dataKeyLength, type OpenedKey, openKey } from './open-key.ts'
import { type WrapOptions, wrapGroups } from './wrap-groups.ts'

/** All keys at hand: opens the data key of a file, and wraps it for others. One for each run; it remembers. */
export interface Keyring {
  /** Throws a SecretError that names every recipient with why it did not open. */
  open(metadata: Pick<Metadata, 'groups' | 'threshold'>, options: { file: string }): Promise<OpenedKey>
  /** The groups with the data key wrapped for each key that has no `enc` yet, or for all of them with `anew`. */
  wrap(groups: KeyGroup[], options: WrapOptions): Promise<KeyGroup[]>
}

export function newDataKey(): Uint8Array {
  return randomBytes(dataKeyLength)
}

export function createKeyring(places: KeyPlaces): Keyring {
  const sources = lazySources(places)
  const opened = new Map<string, Promise<Uint8Array>>()
  const unwrap = (key: MasterKey): Promise<Uint8Array> => {
    const id = `${key.type} ${key.enc}`
    const known = opened.get(id)
    if (known) return known
    const opening = sources(key).then((source) => source.unwrap(key))
    opened.set(id, opening)
    return opening
  }
  const order = places.decryptionOrder ?? ['age', 'pgp']
  return {
    open: (metadata, options) => openKey(metadata, { ...options, unwrap, order }),
    wrap: (groups, options) => wrapGroups(groups, { ...options, sources }),
  }
}

// Age and PGP are loaded when a file needs them: reading their libraries takes longer than reading a file.
function lazySources(places: KeyPlaces): Sources {
  const made = new Map<string, Promise<KeySource>>()
  const once = (name: string, make: () => Promise<KeySource>) => {
    const source = made.get(name) ?? make()
    made.set(name, source)
    return source
  }
  // SOPS_KEYSERVICE names services that may have any key.
  const orNamed = async (own: KeySource) =>
    places.environment.SOPS_KEYSERVICE ? (await import('./service/own-first.ts')).ownFirst(own, places) : own
  return async (key) => {
    if (key.type === 'age') {
      const age = await once('age', async () => (await import('./age/age.ts')).createAgeKeys(places))
      if (age.handles(key)) return orNamed(age)
    }
    if (key.type === 'pgp')
      return orNamed(await once('pgp', async () => (await import('./pgp/pgp.ts')).createPgpKeys(places)))
    return once('service', async () => (await import('./service/service.ts')).createServiceKeys(places))
  }
}
