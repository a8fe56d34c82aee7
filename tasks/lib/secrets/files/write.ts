import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { SecretError } from '../errors.ts'

/** For a file with clear text, and for one that is encrypted. */
export const clearMode = 0o600
export const sealedMode = 0o644

/**
 * Writes a file so that it is the old one or the new one at every moment, whatever ends the program. Mode and owner of
 * the old file stay, a link is followed; a file that was not there gets `mode`. With `replacing` only that is replaced:
 * the bytes that were read, or null for a file that must not be there yet. Throws a SecretError: nothing was changed.
 * All of it happens in one go: a signal comes before or after it, and leaves nothing behind.
 */
export async function writeAtomically(
  path: string,
  bytes: Uint8Array,
  { mode = clearMode, replacing }: { mode?: number; replacing?: Uint8Array | null } = {},
): Promise<void> {
  try {
    const target = linkTarget(path)
    const old = statSync(target, { throwIfNoEntry: false })
    // A device or a pipe, such as /dev/stdout, is written to; a folder says that it is one.
    if (old && !old.isFile()) writeFileSync(target, bytes)
    else replaceFile(target, bytes, { old, mode, check: () => expectOld(target, { path, replacing }) })
  } catch (error) {
    if (error instanceof SecretError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    throw new SecretError(`cannot be written, nothing was changed: ${reasons[code ?? ''] ?? message}`, {
      ...{ code: 'writeOutput', file: path, cause: error },
    })
  }
}

const reasons: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'its folder may not be written to',
  EPERM: 'its folder may not be written to',
  ENOENT: 'its folder is missing',
  EISDIR: 'it is a folder',
}

function replaceFile(
  target: string,
  bytes: Uint8Array,
  { old, mode, check }: { old: Stats | undefined; mode: number; check(): void },
): void {
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`)
  const file = openSync(temporary, 'wx', 0o600)
  try {
    try {
      writeFileSync(file, bytes)
      if (old) keepOwner(file, old)
      fchmodSync(file, old ? old.mode & 0o7777 : mode)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    check()
    renameSync(temporary, target)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  flushFolder(dirname(target))
}

// The last moment before it goes: two programs may have read the same file.
function expectOld(
  target: string,
  { path, replacing }: { path: string; replacing: Uint8Array | null | undefined },
): void {
  if (replacing === undefined) return
  const present = statSync(target, { throwIfNoEntry: false }) && readFileSync(target)
  if (replacing === null ? !present : present && Buffer.compare(present, replacing) === 0) return
  const message = `was ${!present ? 'taken away' : replacing ? 'changed' : 'made'} by somebody else meanwhile: nothing was written`
  throw new SecretError(message, { code: 'writeOutput', file: path, hint: 'run the same command again' })
}

// Only root may give a file away: for anybody else it becomes their own, as any file they write.
function keepOwner(file: number, { uid, gid }: Stats): void {
  try {
    fchownSync(file, uid, gid)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error
  }
}

// The name is on disk only when its folder is. Some file systems cannot flush a folder.
function flushFolder(folder: string): void {
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    closeSync(descriptor)
  }
}

// A link may lead to a file that is not there yet.
function linkTarget(path: string): string {
  try {
    return realpathSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  try {
    return linkTarget(resolve(dirname(path), readlinkSync(path)))
  } catch (error) {
    if (!['EINVAL', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    return resolve(path)
  }
}
