import { readFile } from 'node:fs/promises'
import { SecretError } from '../errors.ts'
import type { FileType } from '../stores/store.ts'
import { fileTypeOf } from '../stores/stores.ts'

/** What a low-level command reads: a file, or stdin where none is named. */
export interface Input {
  /** As errors name it. */
  file: string
  /** What rules and types are told from: the file's path, or the one given instead; "" for stdin alone. */
  path: string
  bytes: Uint8Array
}

/** Reads a file; undefined and "-" are stdin. Throws a SecretError. */
export async function readInput(
  file: string | undefined,
  { filenameOverride }: { filenameOverride?: string },
): Promise<Input> {
  if (isStdin(file)) return { file: 'stdin', path: filenameOverride ?? '', bytes: await readStdin() }
  return { file, path: filenameOverride ?? file, bytes: await bytesOf(file) }
}

/** True where no file is named. */
export function isStdin(file: string | undefined): file is undefined | '-' {
  return file === undefined || file === '-'
}

/** The type that is named, else that of the path. */
export function typeFor(path: string, named: FileType | undefined): FileType {
  return named ?? fileTypeOf(path)
}

/** Throws a SecretError for flags that cannot stand together. */
export function expectOneOutput(
  files: (string | undefined)[],
  { inPlace, output, extract }: { inPlace: boolean; output?: string; extract?: string },
): void {
  const refuse = (message: string) => {
    throw new SecretError(message, { code: 'conflictingFlags' })
  }
  if (inPlace && output) refuse('--in-place and --output cannot be given together')
  if (inPlace && files.some(isStdin)) refuse('--in-place needs a file: stdin has no place')
  // sops does it: the one value is then all that is left of the file.
  if (inPlace && extract) refuse('--extract and --in-place would throw the rest of the file away')
  if (output && files.length > 1) refuse('--output takes the text of one file')
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const message = missing ? 'there is no such file' : `cannot be read: ${(error as Error).message}`
    throw new SecretError(message, { code: missing ? 'noFile' : 'readInput', file, cause: error })
  }
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks)
}
