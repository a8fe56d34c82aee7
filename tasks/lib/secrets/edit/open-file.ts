import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Finding } from '../../cli/errors.ts'
import { registerClearValues } from '../clear-values.ts'
import { type Opened, openDocument, parseSealed } from '../engine.ts'
import { SecretError } from '../errors.ts'
import { sealedMode, writeAtomically } from '../files/write.ts'
import { mergeSealed } from '../merge/merge.ts'
import type { SecretProject } from '../project.ts'
import { fileTypeOf } from '../stores/stores.ts'
import { withLock } from './file-lock.ts'

/** A secret file that was opened, and its bytes as they were then. */
export interface OpenFile {
  path: string
  /** As people name it. */
  shown: string
  bytes: Uint8Array
  opened: Opened
}

/** Opens a file by its name or path. */
export async function openFile(typed: string, project: SecretProject): Promise<OpenFile> {
  const path = await project.find(typed)
  const shown = project.shown(path)
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new SecretError(`cannot be read: ${cause.message}`, { code: 'readInput', file: shown, cause })
  })
  const document = await parseSealed(bytes, { file: shown, type: fileTypeOf(path) })
  const opened = await openDocument(document, { file: shown, keyring: project.keyring })
  registerClearValues(opened)
  return { path, shown, bytes, opened }
}

/**
 * Writes a new state of a file. Where somebody else has written it meanwhile both changes are merged; where both
 * changed the same value, a SecretError, and nothing is written.
 */
export async function saveFile(
  sealed: Uint8Array,
  { file: { path, shown, bytes }, project, now }: { file: OpenFile; project: SecretProject; now: Date },
): Promise<Finding[]> {
  let state = { expected: bytes, wanted: sealed }
  for (let attempt = 0; attempt < mostMerges; attempt++) {
    const { expected, wanted } = state
    // Says so where it is gone.
    currentBytes(path, shown)
    const current = await withLock(path, async () => {
      const found = currentBytes(path, shown)
      if (Buffer.compare(found, expected) !== 0) return found
      await writeAtomically(path, wanted, { mode: sealedMode })
    })
    if (!current) return attempt === 0 ? [] : [{ severity: 'note', message: bothChanges, file: shown }]
    const texts = { base: bytes, ours: sealed, theirs: current }
    state = { expected: current, wanted: await merge(texts, { shown, path, project, now }) }
  }
  throw moved(shown)
}

/** A file that is written all the time is not waited for. */
const mostMerges = 20
const bothChanges = 'was changed by somebody else meanwhile: it has both changes'

function currentBytes(path: string, shown: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    const message = 'was taken away meanwhile: nothing was written'
    throw new SecretError(message, { code: 'noFile', file: shown, cause: error })
  }
}

async function merge(
  texts: { base: Uint8Array; ours: Uint8Array; theirs: Uint8Array },
  { shown, path, project, now }: { shown: string; path: string; project: SecretProject; now: Date },
): Promise<Uint8Array> {
  const { keyring } = project
  const merging = mergeSealed(texts, { file: shown, type: fileTypeOf(path), keyring, now })
  const { bytes, conflicts } = await merging.catch((cause) => {
    throw moved(shown, { cause })
  })
  if (conflicts.length > 0) throw moved(shown, { keys: conflicts.map((conflict) => conflict.path) })
  return bytes
}

function moved(file: string, { keys, cause }: { keys?: string[]; cause?: unknown } = {}): SecretError {
  const what = keys ? `, ${keys.join(', ')} too` : ''
  const message = `was changed by somebody else meanwhile${what}: nothing was written, their change stands`
  return new SecretError(message, { code: 'generic', file, hint: 'run the same command again', cause })
}
