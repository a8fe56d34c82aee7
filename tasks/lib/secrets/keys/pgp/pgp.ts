import { isInterruption } from '../../../cli/commands/signals.ts'
import { KeyError, type KeyPlaces, type KeySource } from '../key-source.ts'
import type { MasterKey } from '../master-key.ts'
import { type EncryptionKey, encryptDataKey } from './encrypt.ts'
import { createGpg, type Gpg } from './gpg.ts'
import { type FoundKey, gnupgHome, readKeyFiles } from './key-files.ts'
import { openMessage, type PgpMessage, readPgpMessage } from './open-message.ts'
import { createPrivateKeys, type PrivateKeys } from './private-keys.ts'
import { findPublicKey } from './public-keys.ts'

/** PGP keys: those in files are used here, all others by gpg with its agent. */
export function createPgpKeys(places: KeyPlaces): KeySource {
  const gpg = createGpg(places)
  let files: Promise<KeyFiles> | undefined
  const keyFiles = () => {
    files ??= loadKeyFiles(places)
    return files
  }
  const publicKeys = new Map<string, Promise<EncryptionKey | undefined>>()
  return {
    handles: ({ type }) => type === 'pgp',
    async wrap(key, dataKey) {
      const fp = fingerprintOf(key)
      const found = publicKeys.get(fp) ?? keyFiles().then(({ keys }) => findPublicKey(fp, { keys, gpg }))
      publicKeys.set(fp, found)
      const publicKey = await found
      if (publicKey) return encryptDataKey(publicKey, dataKey)
      return gpg.encrypt(dataKey, fp).catch(withPlaces(places))
    },
    async unwrap(key) {
      const message = readPgpMessage(key.enc ?? '')
      return unwrapMessage(message, { ...(await keyFiles()), gpg }).catch(withPlaces(places))
    },
  }
}

interface KeyFiles {
  keys: FoundKey[]
  privateKeys: PrivateKeys
}

async function loadKeyFiles(places: KeyPlaces): Promise<KeyFiles> {
  const keys = await readKeyFiles(places)
  return { keys, privateKeys: createPrivateKeys(keys, places) }
}

function fingerprintOf(key: MasterKey): string {
  const fp = key.type === 'pgp' ? key.fp.replaceAll(' ', '').toUpperCase() : ''
  if (/^(0X)?[0-9A-F]{16,40}!?$/.test(fp)) return fp.replace(/^0X/, '')
  throw new KeyError('it is not the fingerprint of a PGP key', { hint: 'gpg --fingerprint shows them' })
}

// A key at hand costs nothing; gpg may have it unlocked; a question to a person comes last.
async function unwrapMessage(
  message: PgpMessage,
  { privateKeys, gpg }: KeyFiles & { gpg: Gpg },
): Promise<Uint8Array> {
  const fitting = privateKeys.fitting(message.ids)
  const ways = [
    ...fitting.map((found) => async () => {
      const key = await privateKeys.open(found)
      return key && openMessage(message, key)
    }),
    () => gpg.decrypt(message.armored, message.ids.join(' ')),
    ...fitting.map((found) => async () => openMessage(message, await privateKeys.unlock(found))),
  ]
  let failure: unknown
  for (const way of ways) {
    try {
      const dataKey = await way()
      if (dataKey) return new Uint8Array(dataKey)
    } catch (error) {
      if (isInterruption(error)) throw error
      failure = error
    }
  }
  throw failure
}

/** Says where was looked, where the reason does not name a place itself. */
function withPlaces(places: KeyPlaces): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof KeyError) || error.tried.length > 0) throw error
    const home = gnupgHome(places)
    const tried = [...places.publicKeys, home ? `gpg with ${home}` : 'gpg']
    throw new KeyError(error.message, { tried, hint: error.hint, cause: error })
  }
}
