import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
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
    const descriptor = openSync(path, 'wx+', 0o600)
    rmSync(path)
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
    return { descriptor, close: () => closeSync(descriptor) }
  } finally {
    folder.remove()
  }
}
