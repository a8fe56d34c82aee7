import { registerSecret } from '../../../cli/redact.ts'
import type { KeyPlaces } from '../key-source.ts'

/** How often a person may mistype. */
const attempts = 3

/**
 * What a passphrase opens; `open` gives undefined where it is the wrong one. Throws a plain Error without any of it
 * where nobody can be asked, or none was right.
 */
export async function withPassphrase<T>(
  what: string,
  { ask, open }: { ask: KeyPlaces['askPassphrase']; open(passphrase: string): Promise<T | undefined> },
): Promise<T> {
  let before: string | undefined
  for (let attempt = 0; attempt < attempts; attempt++) {
    const passphrase = await ask?.(attempt === 0 ? what : `${what} (the last one was wrong)`)
    if (!passphrase) throw new Error(`${what} is protected by a passphrase, and nobody can be asked for it`)
    registerSecret(passphrase)
    // The same answer twice is a program that answers.
    if (passphrase === before) break
    const opened = await open(passphrase)
    if (opened !== undefined) return opened
    before = passphrase
  }
  throw new Error(`the passphrase of ${what} is wrong`)
}
