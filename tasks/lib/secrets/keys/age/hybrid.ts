import { armor } from './armor.ts'
import { decodeBech32, encodeBech32 } from './bech32.ts'
import type { Identity } from './identity.ts'

const recipientPrefix = 'age1pq'
const identityPrefix = 'AGE-SECRET-KEY-PQ-'
const stanzaType = 'mlkem768x25519'
/** ML-KEM-768 and X25519, one behind the other. */
const recipientLength = 1216
const identityLength = 32

/** The public key of an age1pq1… recipient; undefined where it is none. */
export function hybridRecipient(text: string): Uint8Array | undefined {
  const key = decodeBech32(text, recipientPrefix)
  return key?.length === recipientLength ? key : undefined
}

/** An armored age file with a data key in it, for a post-quantum recipient. */
export async function sealHybrid(recipient: string, dataKey: Uint8Array): Promise<string> {
  const { Encrypter } = await import('age-encryption')
  const encrypter = new Encrypter()
  encrypter.addRecipient(recipient)
  return armor(await encrypter.encrypt(dataKey))
}

/** The identity of an AGE-SECRET-KEY-PQ-1… text; undefined where it is none. The library is loaded when it opens. */
export function hybridIdentity(text: string): Identity | undefined {
  if (decodeBech32(text, identityPrefix)?.length !== identityLength) return undefined
  let recipient: Promise<string> | undefined
  return {
    recipient() {
      recipient ??= import('age-encryption').then(({ identityToRecipient }) => identityToRecipient(text))
      return recipient
    },
    async fileKey({ stanzas, header }) {
      if (!stanzas.some(({ type }) => type === stanzaType)) return undefined
      const { Decrypter } = await import('age-encryption')
      const decrypter = new Decrypter()
      decrypter.addIdentity(text)
      return decrypter.decryptHeader(header).catch(() => undefined)
    },
  }
}

/** The text of a new post-quantum identity from its 32 bytes. */
export function hybridIdentityText(seed: Uint8Array): string {
  return encodeBech32(identityPrefix, seed).toUpperCase()
}
