import { scrypt as scryptOf } from 'node:crypto'
import { promisify } from 'node:util'
import { decodeBase64 } from './base64.ts'
import { fileKeyLength } from './file.ts'
import type { AgeFile, Stanza } from './header.ts'
import { tagLength, unseal } from './primitives.ts'

const scrypt = promisify<string, Uint8Array, number, object, Buffer>(scryptOf)
const label = Buffer.from('age-encryption.org/v1/scrypt')
const saltLength = 16
/** age refuses more: 2^22 needs 4 GiB of memory. */
const largestWorkFactor = 22

/** Whether an age file is protected by a passphrase. */
export function isProtected({ stanzas }: AgeFile): boolean {
  return stanzas.length === 1 && stanzas[0]!.type === 'scrypt'
}

/** The file key of a protected file; undefined for a wrong passphrase. Throws a plain Error where it is damaged. */
export async function unwrapScrypt(
  { stanzas }: AgeFile,
  passphrase: string,
): Promise<Uint8Array | undefined> {
  const { salt, logN, body } = scryptStanza(stanzas[0]!)
  const cost = 2 ** logN
  const maxmem = 256 * cost * 8
  const key = await scrypt(passphrase, Buffer.concat([label, salt]), 32, { cost, maxmem })
  return unseal(key, body)
}

function scryptStanza({ args, body }: Stanza): { salt: Buffer; logN: number; body: Uint8Array } {
  const salt = decodeBase64(args[0] ?? '')
  const logN = /^[1-9]\d{0,2}$/.test(args[1] ?? '') ? Number(args[1]) : Number.NaN
  if (args.length !== 2 || salt?.length !== saltLength || body.length !== fileKeyLength + tagLength) {
    throw new Error('the scrypt recipient in its header is damaged')
  }
  if (!(logN <= largestWorkFactor)) throw new Error(`its scrypt work factor ${args[1]} is too high`)
  return { salt, logN, body }
}
