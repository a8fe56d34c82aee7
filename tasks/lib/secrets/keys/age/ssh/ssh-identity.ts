import { createHash, type KeyObject, privateDecrypt } from 'node:crypto'
import type { KeyPlaces } from '../../key-source.ts'
import type { AgeFile, Stanza } from '../header.ts'
import type { Identity } from '../identity.ts'
import { withPassphrase } from '../passphrase.ts'
import { hkdf, unseal, x25519, x25519Private, x25519Public } from '../primitives.ts'
import { stanzaShare } from '../x25519.ts'
import { parsePrivateKey } from './private-key.ts'
import { fingerprint, publicKeyOf, publicLine, wireOf } from './public-key.ts'
import { ed25519Info, rsaPadding, tweaked } from './ssh-recipient.ts'

/** Opens one stanza that names the key. Throws a plain Error where it does not. */
type Unwrap = (stanza: Stanza) => Uint8Array

/**
 * The identity of a private ssh key. One with a passphrase asks for it when a file is for it. Throws a plain Error
 * without any of it.
 */
export async function readSshIdentity(
  bytes: Buffer,
  { name, path, ask }: { name: string; path?: string; ask: KeyPlaces['askPassphrase'] },
): Promise<Identity> {
  const key = await parsePrivateKey(bytes.toString('latin1'), { path })
  const { type } = publicKeyOf(key.wire)
  const named = fingerprint(key.wire)
  let unwrap: Promise<Unwrap> | undefined
  const unlocked = () => {
    const opening = key.locked
      ? withPassphrase(name, { ask, open: key.unlock })
      : Promise.resolve(key.privateKey)
    return opening.then((privateKey) => unwrapOf(privateKey, key.wire))
  }
  return {
    recipient: () => publicLine({ type, wire: key.wire }),
    needsPassphrase: key.locked,
    async fileKey({ stanzas }: AgeFile) {
      const stanza = stanzas.find((each) => each.type === type && each.args[0] === named)
      if (!stanza) return undefined
      unwrap ??= unlocked()
      return (await unwrap)(stanza)
    },
  }
}

function unwrapOf(privateKey: KeyObject, wire: Buffer): Unwrap {
  if (!wireOf(privateKey).equals(wire)) throw new Error('the public part of the ssh key is of another key')
  return privateKey.asymmetricKeyType === 'rsa' ? unwrapRsa(privateKey) : unwrapEd25519(privateKey, wire)
}

function unwrapRsa(privateKey: KeyObject): Unwrap {
  return ({ args, body }) => {
    if (args.length !== 1) throw new Error('the ssh-rsa recipient in its header is damaged')
    try {
      return privateDecrypt({ key: privateKey, ...rsaPadding }, body)
    } catch {
      throw new Error('the ssh-rsa key does not open it: it was changed')
    }
  }
}

// An Ed25519 key is used as the X25519 key of the same secret number.
function unwrapEd25519(privateKey: KeyObject, wire: Buffer): Unwrap {
  const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d!, 'base64url')
  const key = x25519Private(createHash('sha512').update(seed).digest().subarray(0, 32))
  const ours = x25519Public(key)
  return (stanza) => {
    const share = stanzaShare(stanza)
    const secret = tweaked(x25519(key, share), wire)
    const wrapping = hkdf(secret, { salt: Buffer.concat([share, ours]), info: ed25519Info })
    const fileKey = unseal(wrapping, stanza.body)
    if (!fileKey) throw new Error('the ssh-ed25519 key does not open it: it was changed')
    return fileKey
  }
}
