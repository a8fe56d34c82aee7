import { timingSafeEqual } from 'node:crypto'
import { isInterruption } from '../../../cli/commands/signals.ts'
import { KeyError, type KeyPlaces } from '../key-source.ts'
import { dearmor, isArmored } from './armor.ts'
import { headerMac, nonceLength } from './file.ts'
import { type AgeFile, parseFile } from './header.ts'
import { createLookUp, type Found, foundText } from './look-up.ts'
import { hkdf, tagLength, unseal } from './primitives.ts'

/** Far more than the header of a file for a hundred recipients. */
const longestHeader = 1024 * 1024
const chunkLength = 64 * 1024 + tagLength

/** The content of an age file of any length, in memory only, opened with the operator's own keys. Throws a KeyError. */
export async function openAgeFile(bytes: Buffer, places: KeyPlaces): Promise<Buffer> {
  const whole = isArmored(bytes.subarray(0, 100).toString('latin1')) ? dearmor(bytes.toString()) : bytes
  const { file, payload } = takeApart(whole)
  const found = await plausible(file, places)
  const problems: string[] = []
  for (const identity of found.flatMap(({ identities }) => identities)) {
    try {
      const fileKey = await identity.fileKey(file)
      if (fileKey) return openPayload(fileKey, { file, payload })
    } catch (error) {
      if (isInterruption(error)) throw error
      problems.push((error as Error).message)
    }
  }
  const reason = problems.length > 0 ? problems.join('; ') : 'no identity at hand is for it'
  const hint = 'tasks secrets:doctor shows the keys at hand; or by hand: age -d -i FILE'
  throw new KeyError(reason, { tried: await Promise.all(found.map(foundText)), hint })
}

function takeApart(bytes: Buffer): { file: AgeFile; payload: Buffer } {
  try {
    const file = parseFile(bytes.subarray(0, longestHeader))
    return { file, payload: bytes.subarray(file.header.length) }
  } catch (error) {
    throw new KeyError(`it is no age file: ${(error as Error).message}`, { cause: error })
  }
}

async function plausible({ stanzas }: AgeFile, places: KeyPlaces): Promise<Found[]> {
  const lookUp = createLookUp(places)
  const isSsh = stanzas.map(({ type }) => type.startsWith('ssh-'))
  return [
    ...(isSsh.includes(true) ? await lookUp('ssh key', '') : []),
    ...(isSsh.includes(false) ? await lookUp('identities', '') : []),
  ]
}

// Source: age-encryption.org/v1, "Payload": chunks of 64 KiB, counted in their nonces; the last one is marked.
function openPayload(fileKey: Uint8Array, { file, payload }: { file: AgeFile; payload: Buffer }): Buffer {
  if (!timingSafeEqual(headerMac(fileKey, file.authenticated), file.mac))
    throw new Error('its header was changed')
  const key = hkdf(fileKey, { salt: payload.subarray(0, nonceLength), info: 'payload' })
  const sealed = payload.subarray(nonceLength)
  const count = Math.max(1, Math.ceil(sealed.length / chunkLength))
  const chunks: Buffer[] = []
  for (let index = 0; index < count; index++) {
    const nonce = Buffer.alloc(12)
    nonce.writeUInt32BE(index, 7)
    nonce[11] = index === count - 1 ? 1 : 0
    const chunk = unseal(key, sealed.subarray(index * chunkLength, (index + 1) * chunkLength), nonce)
    if (!chunk) throw new Error('its payload was changed or cut off')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
