import { TaskError } from '../../cli/errors.ts'
import type { EncryptionKey } from './encryption.ts'

/** Keys that stand in manuals and in the toolkits before this one: everybody has them. */
const samples = ['01234567890123456789012345678901', 'this is 32 bytes long! not more!']

/** The same keys. A TaskError where there is none, or where one of them is no secret of 32 bytes. */
export function soundKeys(keys: readonly EncryptionKey[], { shown }: { shown: string }): EncryptionKey[] {
  if (keys.length === 0) throw unsound(shown, 'it holds no key')
  for (const { name, secret } of keys) {
    const bytes = Buffer.from(secret, 'base64')
    if (bytes.length !== 32) throw unsound(shown, `key ${name} has ${bytes.length} bytes, not 32`)
    const isSample = samples.includes(bytes.toString('latin1')) || new Set(bytes).size < 8
    if (isSample) throw unsound(shown, `key ${name} is a sample that everybody knows`)
  }
  return [...keys]
}

function unsound(shown: string, why: string): TaskError {
  return new TaskError(`${shown}: ${why}`, {
    hint: `in ${shown}: 32 random bytes as base64; Secrets that a known key wrote need tasks encryption:rotate`,
  })
}
