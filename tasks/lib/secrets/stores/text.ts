import { SecretError } from '../errors.ts'
import { maxDepth } from '../tree/walk.ts'
import type { ParseOptions } from './store.ts'

/** Far beyond any file of secrets; a larger one is refused before it fills the memory. */
const maxBytes = 32 * 1024 * 1024

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of a file. Throws a SecretError where it is too large or not UTF-8. */
export function decodeText(bytes: Uint8Array, options: ParseOptions): string {
  if (bytes.length > maxBytes) throw textError('is larger than 32 MiB', options)
  try {
    return utf8.decode(bytes)
  } catch {
    const hint = 'encrypt it as it is, byte by byte: --input-type binary'
    throw textError('is not UTF-8 text', { ...options, hint })
  }
}

/** An error about what a file says, as sops ends on it: 2 for clear text, 1 for an encrypted file. */
export function textError(
  message: string,
  { file, encrypted, line, hint }: ParseOptions & { line?: number; hint?: string },
): SecretError {
  return new SecretError(message, { code: encrypted ? 'generic' : 'readInput', file, line, hint })
}

/** The error for clear text with a key that is reserved for the metadata of sops. */
export function alreadyEncrypted(key: string, { file, line }: { file: string; line?: number }): SecretError {
  const hint = `it is encrypted already: tasks secrets:edit ${file}; if not, rename the key ${key}`
  return new SecretError(`has the key ${key}, which is kept for the metadata of sops`, {
    code: 'alreadyEncrypted',
    file,
    line,
    hint,
  })
}

export function tooDeep(options: ParseOptions & { line?: number }): SecretError {
  return textError(`is nested more than ${maxDepth} levels deep`, options)
}

/** The 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}
