import type { PrivateKey } from 'openpgp'
import { KeyError, type KeyPlaces, type KeySource } from '../key-source.ts'
import type { MasterKey } from '../master-key.ts'
import { type EncryptionKey, encryptDataKey } from './encrypt.ts'
import { createGpg, type Gpg } from './gpg.ts'
import { type FoundKey, readKeyFiles } from './key-files.ts'
import { armoredBlocks, hiddenId, recipientIds } from './packets.ts'
import { createPrivateKeys, type PrivateKeys } from './private-keys.ts'
import { findPublicKey, unknownKey } from './public-keys.ts'

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
      return gpg.encrypt(dataKey, fp).catch((cause) => {
        throw unknownKey(fp, { places, cause })
      })
    },
    async unwrap(key) {
      const armored = key.enc ?? ''
      const [message] = armoredBlocks(armored)
      if (!message) throw new KeyError('its enc is not a PGP message: the file is damaged')
      return openMessage({ armored, ids: recipientIds(message.bytes) }, { ...(await keyFiles()), gpg })
    },
  }
}

interface KeyFiles {
  keys: FoundKey[]
  files: string[]
  privateKeys: PrivateKeys
}

async function loadKeyFiles(places: KeyPlaces): Promise<KeyFiles> {
  const { keys, files } = await readKeyFiles(places)
  return { keys, files, privateKeys: createPrivateKeys(keys, places) }
}

function fingerprintOf(key: MasterKey): string {
  if (key.type !== 'pgp') throw new KeyError(`${key.type} is not a PGP key`)
  const fp = key.fp.replaceAll(' ', '')
  return /^[0-9a-f]{40}!?$/i.test(fp) ? fp.toUpperCase() : fp
}

interface Message {
  armored: string
  ids: string[]
}

// A key at hand costs nothing; gpg may have it unlocked; a question to a person comes last.
async function openMessage(
  message: Message,
  { privateKeys, gpg }: KeyFiles & { gpg: Gpg },
): Promise<Uint8Array> {
  const fitting = privateKeys.fitting(message.ids)
  const failures: unknown[] = []
  const attempt = async (open: () => Promise<Uint8Array | undefined>) => {
    try {
      return await open()
    } catch (error) {
      failures.push(error)
      return undefined
    }
  }
  const ways = [
    ...fitting.map((found) => async () => openWith(message, await privateKeys.open(found))),
    () => gpg.decrypt(message.armored, message.ids.join(' ') || hiddenId),
    ...fitting.map((found) => async () => openWith(message, await privateKeys.unlock(found))),
  ]
  for (const way of ways) {
    const dataKey = await attempt(way)
    if (dataKey) return dataKey
  }
  throw failures.at(-1)
}

async function openWith(
  { armored }: Message,
  privateKey: PrivateKey | undefined,
): Promise<Uint8Array | undefined> {
  if (!privateKey) return undefined
  const { decrypt, readMessage } = await import('openpgp')
  try {
    const message = await readMessage({ armoredMessage: armored })
    const { data } = await decrypt({ message, decryptionKeys: privateKey, format: 'binary' })
    return data as Uint8Array
  } catch (cause) {
    const reason = (cause as Error).message.replace(/^Error decrypting message: /, '')
    throw new KeyError(`the PGP message cannot be decrypted: ${reason}`, { cause })
  }
}
