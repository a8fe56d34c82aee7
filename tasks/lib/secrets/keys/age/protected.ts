import type { KeyPlaces } from '../key-source.ts'
import { dearmor, isArmored } from './armor.ts'
import { openFile } from './file.ts'
import { parseFile } from './header.ts'
import type { Identity } from './identity.ts'
import { type IdentityTexts, readIdentities } from './identity-texts.ts'
import { withPassphrase } from './passphrase.ts'
import { isProtected, unwrapScrypt } from './scrypt.ts'

/** Whether the bytes of an identity file are themselves an age file. */
export function isAgeFile(bytes: Buffer): boolean {
  const start = bytes.subarray(0, 200).toString('latin1')
  return start.startsWith('age-encryption.org/') || isArmored(start)
}

/**
 * The identities in a file that is protected by a passphrase, as one. Nobody is asked for the passphrase before a file
 * is to be opened that no other identity opens.
 */
export function protectedIdentity(
  bytes: Buffer,
  { name, ask }: { name: string; ask: KeyPlaces['askPassphrase'] },
): Identity {
  let opened: Promise<IdentityTexts> | undefined
  return {
    recipient: () => 'identities protected by a passphrase',
    needsPassphrase: true,
    async fileKey(file) {
      opened ??= unprotect(bytes, { name, ask })
      const { identities } = await opened
      for (const identity of identities) {
        const fileKey = await identity.fileKey(file)
        if (fileKey) return fileKey
      }
      return undefined
    },
  }
}

async function unprotect(
  bytes: Buffer,
  { name, ask }: { name: string; ask: KeyPlaces['askPassphrase'] },
): Promise<IdentityTexts> {
  const start = bytes.toString('latin1')
  const file = parseFile(isArmored(start) ? dearmor(start) : bytes)
  if (!isProtected(file)) throw new Error(`${name} is encrypted, but not with a passphrase`)
  const text = await withPassphrase(name, {
    ask,
    async open(passphrase) {
      const fileKey = await unwrapScrypt(file, passphrase)
      return fileKey && Buffer.from(openFile(file, fileKey)).toString()
    },
  })
  return readIdentities(text)
}
