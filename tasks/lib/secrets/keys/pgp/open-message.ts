import type { PrivateKey } from 'openpgp'
import { KeyError } from '../key-source.ts'
import { ecdhOpener } from './ecdh-session-key.ts'
import { decryptedData } from './encrypted-data.ts'
import { armoredBlocks, hiddenId, type Packet, packetsOf, packetTags, recipientId } from './packets.ts'
import { rsaOpener } from './rsa-session-key.ts'
import type { SecretPacket, SessionKeyOpener } from './session-key.ts'

/** A PGP message as it stands in `enc`. */
export interface PgpMessage {
  armored: string
  packets: Packet[]
  /** The key ids that it is encrypted for. */
  ids: string[]
}

/** Reads `enc`. Throws a KeyError where it is no message. */
export function readPgpMessage(armored: string): PgpMessage {
  const [message] = armoredBlocks(armored)
  const packets = message ? packetsOf(message.bytes) : []
  const ids = packets.map(recipientId).filter((id) => id !== undefined)
  if (ids.length === 0)
    throw new KeyError('its enc is not a PGP message for anybody: the file is damaged', {
      hint: 'restore the file from git',
    })
  return { armored, packets, ids }
}

/** What is in the message, opened by a secret key that is unlocked. Throws a KeyError. */
export async function openMessage(message: PgpMessage, key: PrivateKey): Promise<Uint8Array> {
  const data = openByNode(message, key)
  if (data) return data
  const { decrypt, readMessage } = await import('openpgp')
  try {
    const read = await readMessage({ armoredMessage: message.armored })
    const opened = await decrypt({ message: read, decryptionKeys: key, format: 'binary', config })
    return opened.data as Uint8Array
  } catch (cause) {
    const reason = (cause as Error).message.replace(/^Error decrypting message: /, '')
    throw new KeyError(`the PGP message cannot be decrypted: ${reason}`, { cause })
  }
}

// A data key is small: no compressed packet may blow up beyond it.
const config = { maxDecompressedMessageSize: 1024 * 1024 }

/**
 * The same by node's own cryptography. Undefined for what is not simple, or does not work out: that is left to openpgp,
 * which knows every form and says best what is wrong.
 */
export function openByNode({ packets }: PgpMessage, key: PrivateKey): Buffer | undefined {
  const encrypted = packets.find(({ tag }) => tag === packetTags.encryptedData)
  if (!encrypted) return undefined
  try {
    for (const packet of packets) {
      const opener = openerFor(packet, key)
      const data = opener && decryptedData(encrypted, opener(packet.body))
      if (data) return data
    }
  } catch {
    return undefined
  }
  return undefined
}

function openerFor(packet: Packet, key: PrivateKey): SessionKeyOpener | undefined {
  const id = recipientId(packet)
  if (!id || id === hiddenId) return undefined
  const parts = key.getKeys().map(({ keyPacket }) => keyPacket as SecretPacket)
  const secret = parts.find((part) => part.getKeyID().toHex().toUpperCase() === id)
  if (!secret || secret.isDummy() || !secret.isDecrypted()) return undefined
  const known = openers.get(secret)
  if (known) return known.opener
  const opener = sessionKeyOpener(secret)
  openers.set(secret, { opener })
  return opener
}

/** Made once for each secret key: reading its numbers takes longer than using them. */
const openers = new WeakMap<SecretPacket, { opener: SessionKeyOpener | undefined }>()

// By node's own cryptography: ten to thirty times as fast as openpgp, which computes in JavaScript.
function sessionKeyOpener(secret: SecretPacket): SessionKeyOpener | undefined {
  if (secret.algorithm === 1 || secret.algorithm === 2) return rsaOpener(secret)
  return secret.algorithm === 18 ? ecdhOpener(secret) : undefined
}
