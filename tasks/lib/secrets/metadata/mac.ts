import { SecretError } from '../errors.ts'
import { decryptValue } from '../tree/cipher.ts'
import type { Metadata } from './metadata.ts'

/** Throws a SecretError where the MAC of a file is not the one of its values. */
export function expectMac(
  mac: string,
  { metadata, dataKey, file }: { metadata: Metadata; dataKey: Uint8Array; file: string },
): void {
  if (metadata.mac === '') throw new SecretError('has no MAC', { code: 'macMismatch', file })
  if (openedMac(metadata, { dataKey, file }) === mac) return
  const hint =
    'a clear value was changed, or a value added, removed or moved, without sops: restore the file from git'
  throw new SecretError('was changed by hand: its MAC does not agree', { code: 'macMismatch', file, hint })
}

function openedMac(
  { mac, lastModified }: Metadata,
  { dataKey, file }: { dataKey: Uint8Array; file: string },
): unknown {
  try {
    return decryptValue(mac, { key: dataKey, authenticated: lastModified })
  } catch (error) {
    const message = `its MAC cannot be read: ${(error as Error).message}`
    throw new SecretError(message, { code: 'macMismatch', file, cause: error })
  }
}
