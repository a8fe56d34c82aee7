import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'

/** An RSA key pair in PEM: PKCS#8 and SubjectPublicKeyInfo, as most programs take them. */
export function generateRsaKey(bits = 3072): Promise<{ privateKey: string; publicKey: string }> {
  return promisify(generateKeyPair)('rsa', {
    modulusLength: bits,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
}
