import { randomBytes } from 'node:crypto'
import { registerSecret } from '../../../cli/redact.ts'
import { secondsText } from '../../metadata/time.ts'
import { hybridIdentityText } from './hybrid.ts'
import { recipientOf } from './recipient.ts'
import { x25519IdentityText } from './x25519.ts'

/** A new age key. `text` is what keys.txt holds, as age-keygen writes it. */
export interface NewAgeKey {
  recipient: string
  identity: string
  text: string
}

/** Makes an age key: X25519, or with `postQuantum` one that a quantum computer does not open either. */
export async function createAgeKey({
  postQuantum = false,
  now = new Date(),
}: {
  postQuantum?: boolean
  now?: Date
} = {}): Promise<NewAgeKey> {
  const secret = randomBytes(32)
  const identity = postQuantum ? hybridIdentityText(secret) : x25519IdentityText(secret)
  registerSecret(identity)
  const recipient = await recipientOf(identity)
  const text = `# created: ${secondsText(now)}\n# public key: ${recipient}\n${identity}\n`
  return { recipient, identity, text }
}
