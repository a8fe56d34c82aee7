import type { PrivateKey } from 'openpgp'
import { registerSecret } from '../../../cli/redact.ts'
import { KeyError, type KeyPlaces } from '../key-source.ts'
import type { FoundKey } from './key-files.ts'
import { hiddenId } from './packets.ts'

/** The secret keys that lie in files, read and unlocked once. */
export interface PrivateKeys {
  /** Those that a message for these key ids may be opened with. */
  fitting(ids: string[]): FoundKey[]
  /** The key as it can be used without asking; undefined where it needs a passphrase, or its secret is elsewhere. */
  open(found: FoundKey): Promise<PrivateKey | undefined>
  /** The key after asking for its passphrase. Throws a KeyError. */
  unlock(found: FoundKey): Promise<PrivateKey>
}

export function createPrivateKeys(keys: FoundKey[], places: KeyPlaces): PrivateKeys {
  const secret = keys.filter((key) => key.secret)
  const read = remembered(readPrivateKey)
  const unlock = remembered(async (found) => askAndUnlock(await read(found), { found, places }))
  return {
    fitting: (ids) => secret.filter(({ fingerprints }) => ids.some((id) => fits(fingerprints, id))),
    open: async (found) => {
      const key = await read(found)
      return hasOpenSecret(key) ? key : undefined
    },
    unlock,
  }
}

function fits(fingerprints: string[], id: string): boolean {
  return id === hiddenId || fingerprints.some((fingerprint) => fingerprint.endsWith(id))
}

function remembered<T>(work: (found: FoundKey) => Promise<T>): (found: FoundKey) => Promise<T> {
  const done = new Map<FoundKey, Promise<T>>()
  return (found) => {
    const result = done.get(found) ?? work(found)
    done.set(found, result)
    return result
  }
}

async function readPrivateKey({ bytes, file }: FoundKey): Promise<PrivateKey> {
  const openpgp = await import('openpgp')
  return openpgp.readPrivateKey({ binaryKey: bytes }).catch((cause) => {
    throw new KeyError(`the secret key in ${file} cannot be read`, { tried: [file], cause })
  })
}

// A primary key may be a stub (gpg --export-secret-subkeys): what counts is any part with its secret.
function secretParts(key: PrivateKey) {
  const packets = key.getKeys().map(({ keyPacket }) => keyPacket)
  return packets.filter((packet) => 'isDummy' in packet && !packet.isDummy())
}

function hasOpenSecret(key: PrivateKey): boolean {
  return secretParts(key).some((packet) => packet.isDecrypted() === true)
}

async function askAndUnlock(
  key: PrivateKey,
  { found, places }: { found: FoundKey; places: KeyPlaces },
): Promise<PrivateKey> {
  if (hasOpenSecret(key)) return key
  const tried = [found.file]
  const who = `the PGP key ${key.getUserIDs()[0] ?? key.getFingerprint().toUpperCase()}`
  if (secretParts(key).length === 0)
    throw new KeyError('its secret part is not in the file: it is on a smartcard', { tried })
  for (let attempt = 1; attempt <= 3; attempt++) {
    const passphrase = await places.askPassphrase?.(who)
    if (passphrase === undefined) {
      const hint = 'run it in a terminal, or import the key for gpg-agent: gpg --import FILE'
      throw new KeyError(`${who} needs its passphrase, and nobody can be asked`, { tried, hint })
    }
    registerSecret(passphrase)
    const unlocked = await withPassphrase(key, passphrase)
    if (unlocked) return unlocked
  }
  throw new KeyError(`the passphrase of ${who} is wrong`, { tried, hint: 'run the same command again' })
}

async function withPassphrase(key: PrivateKey, passphrase: string): Promise<PrivateKey | undefined> {
  const { decryptKey } = await import('openpgp')
  try {
    return await decryptKey({ privateKey: key, passphrase })
  } catch (error) {
    if (/incorrect key passphrase/i.test((error as Error).message)) return undefined
    throw error
  }
}
