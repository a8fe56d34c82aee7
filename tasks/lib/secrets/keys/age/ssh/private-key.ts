import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { registerSecret } from '../../../../cli/redact.ts'
import { parseOpenSsh, type SshPrivateKey } from './openssh.ts'
import { parseSshRecipient, wireOf } from './public-key.ts'

/** Reads a private key: OpenSSH's own format, or PEM (PKCS #1, PKCS #8). Throws a plain Error without any of it. */
export async function parsePrivateKey(text: string, { path }: { path?: string }): Promise<SshPrivateKey> {
  registerSecret(text)
  if (!text.includes('-----BEGIN ')) throw new Error('it is no private ssh key')
  const openSsh = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]*)-----END/.exec(text)?.[1]
  if (openSsh !== undefined) return parseOpenSsh(Buffer.from(openSsh, 'base64'), { path })
  if (/ENCRYPTED/.test(text)) {
    return {
      wire: await publicWire(path),
      locked: true,
      unlock: async (passphrase) => pemKey(text, passphrase),
    }
  }
  const privateKey = pemKey(text)
  if (!privateKey) throw new Error('the private ssh key is damaged, or of a kind that is not known')
  return { wire: wireOf(privateKey), locked: false, privateKey }
}

function pemKey(text: string, passphrase?: string): KeyObject | undefined {
  try {
    return createPrivateKey({ key: text, format: 'pem', passphrase })
  } catch {
    return undefined
  }
}

// Only the file beside it says whose key it is while it is locked.
async function publicWire(path: string | undefined): Promise<Buffer> {
  const text = path && (await readFile(`${path}.pub`, 'utf8').catch(() => undefined))
  if (!text) throw new Error('it is protected by a passphrase, and its .pub file is missing')
  return parseSshRecipient(text).wire
}
