import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { TaskError } from '../../cli/errors.ts'
import { type Opened, parseSealed } from '../engine.ts'
import { SecretError } from '../errors.ts'
import { hasMetadata } from '../guard/file-kinds.ts'
import type { SecretProject } from '../project.ts'
import { fileTypeOf } from '../stores/stores.ts'

/** A file among the secrets, read and not opened. */
export type Standing = SealedFile | OtherFile

export interface SealedFile {
  state: 'sealed'
  /** Absolute path. */
  file: string
  /** As people name it. */
  shown: string
  bytes: Buffer
  document: Opened['document']
}

/** Not encrypted at all, or sops metadata that cannot be read. */
export interface OtherFile {
  state: 'clear' | 'damaged'
  file: string
  shown: string
  bytes: Buffer
  error: TaskError
}

/** Reads a file, whatever it is. Throws a SecretError where it cannot be read from disk. */
export async function standingOf(file: string, { shown: show }: SecretProject): Promise<Standing> {
  const shown = show(file)
  const bytes = await bytesOf(file, shown)
  const type = fileTypeOf(file)
  try {
    return { state: 'sealed', file, shown, bytes, document: await parseSealed(bytes, { file: shown, type }) }
  } catch (error) {
    if (!(error instanceof TaskError)) throw error
    const state = hasMetadata(bytes.toString(), type) ? 'damaged' : 'clear'
    return { state, file, shown, bytes, error: state === 'damaged' ? error : notEncrypted(shown) }
  }
}

/** What tells one content of a file from another: SHA-256 in hexadecimal. */
export function contentHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function notEncrypted(file: string): SecretError {
  const hint = `tasks secrets:encrypt --in-place ${file}`
  return new SecretError('is not encrypted', { code: 'generic', file, hint })
}

async function bytesOf(file: string, shown: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    const message = `cannot be read: ${(error as Error).message}`
    throw new SecretError(message, { code: 'readInput', file: shown, cause: error })
  }
}
