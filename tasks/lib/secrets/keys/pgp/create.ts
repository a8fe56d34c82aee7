/** A new PGP key, as text for files: the public part to give away, the private one to keep. */
export interface CreatedPgpKey {
  /** 40 upper-case hexadecimal digits. */
  fingerprint: string
  publicArmored: string
  privateArmored: string
}

/**
 * A key to sign with, and a subkey to encrypt for, in the forms that gpg 2.2 reads: curve 25519 as it was before RFC 9580,
 * or RSA with 4096 bits (that takes seconds).
 */
export async function createPgpKey({
  name,
  email,
  kind,
  passphrase,
}: {
  name: string
  email?: string
  kind: 'ecc' | 'rsa'
  passphrase?: string
}): Promise<CreatedPgpKey> {
  const { generateKey } = await import('openpgp')
  const { privateKey, publicKey } = await generateKey({
    ...(kind === 'ecc' ? { type: 'ecc', curve: 'curve25519Legacy' } : { type: 'rsa', rsaBits: 4096 }),
    userIDs: [{ name, email }],
    passphrase,
    format: 'object',
  })
  return {
    fingerprint: publicKey.getFingerprint().toUpperCase(),
    publicArmored: publicKey.armor(),
    privateArmored: privateKey.armor(),
  }
}
