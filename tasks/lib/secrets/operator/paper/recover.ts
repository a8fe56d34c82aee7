import { readFileSync } from 'node:fs'
import { UsageError } from '../../../cli/errors.ts'
import { registerSecret } from '../../../cli/redact.ts'
import { keysFile } from '../../keys/age/places.ts'
import { recipientOf } from '../../keys/age/recipient.ts'
import type { KeyPlaces } from '../../keys/key-source.ts'
import { secondsText } from '../../metadata/time.ts'
import { appendIdentity } from '../create-key.ts'
import { readPaper } from './paper-rows.ts'
import { joinShares } from './shares.ts'

/** A private key that came back from paper. */
export interface Recovered {
  identity: string
  recipient: string
  /** From two shares of a break-glass key. */
  shared: boolean
}

/** The identity of what somebody typed from a paper copy, or from two shares. Throws a UsageError. */
export async function recoverIdentity(typed: string): Promise<Recovered> {
  const texts = readPaper(typed)
  for (const text of texts) registerSecret(text)
  const whole = texts.find((text) => text.startsWith('AGE-SECRET-KEY-'))
  if (texts.length === 0)
    throw new UsageError('there is no key in what was typed: neither a paper copy nor two shares', {
      hint: 'type the rows as they stand on the paper, from AGE-SECRET-KEY-1 or BREAK-GLASS-SHARE-1 on',
    })
  const identity = whole ?? joinShares(texts)
  try {
    return { identity, recipient: await recipientOf(identity), shared: whole === undefined }
  } catch {
    throw new UsageError('the key has a typing error', { hint: 'compare it with the paper, row by row' })
  }
}

/** Puts a recovered identity to the operator's keys, once. Gives the file. */
export function keepRecovered(
  { identity, recipient }: Recovered,
  { places, now }: { places: KeyPlaces; now: Date },
): string {
  const file = keysFile(places)
  if (file && hasLine(file, identity)) return file
  return appendIdentity(`# recovered: ${secondsText(now)}\n# public key: ${recipient}\n${identity}\n`, places)
}

function hasLine(file: string, line: string): boolean {
  try {
    return readFileSync(file, 'utf8').split(/\s+/).includes(line)
  } catch {
    return false
  }
}
