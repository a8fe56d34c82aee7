import { closeSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { memoryFolder } from '../edit/memory-folder.ts'

/**
 * An open file in memory that has no name any more: only who inherits it can read it, and it is gone with the last of
 * them, however they end.
 */
export function memoryFile(bytes: Uint8Array): { descriptor: number; close(): void } {
  const folder = memoryFolder()
  const path = join(folder.path, 'secret')
  try {
    writeFileSync(path, bytes, { flag: 'wx', mode: 0o600 })
    const descriptor = openSync(path, 'r')
    return { descriptor, close: () => closeSync(descriptor) }
  } finally {
    folder.remove()
  }
}
