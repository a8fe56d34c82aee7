import type { PrivateKey, SecretKeyPacket } from 'openpgp'

/**
 * A private key without the secret of its primary key, as `gpg --export-secret-subkeys` gives it: whoever has it can
 * decrypt, and cannot make further subkeys. For CI.
 */
export async function subkeysOnly(privateArmored: string): Promise<string> {
  const { readPrivateKey } = await import('openpgp')
  const key = (await readPrivateKey({ armoredKey: privateArmored })) as PrivateKey & {
    keyPacket: SecretKeyPacket
  }
  key.keyPacket.makeDummy()
  return key.armor()
}
