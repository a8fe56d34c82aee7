import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { LuksHeader } from '../../tasks/lib/node/volume-keys/luks-header.ts'
import { headerOf } from '../../tasks/lib/node/volume-keys/luks2-header.ts'

/** A LUKS2 volume in a file of memory, and the folder of its key as the key server has it. */
export interface LuksFile {
  folder: string
  /** Path of the file that stands in for a logical volume. */
  device: string
  /** The key server's folder: FOLDER/keys/kube1/data. */
  path: string
  keyFile: string
  header(): LuksHeader
  /** cryptsetup's exit code for a key: 0 opens, 2 does not. */
  test(key: Buffer, slot?: number): number
  cryptsetup(argv: string[], input?: Buffer): number
  /** Writes a file beside it and gives its path. */
  write(name: string, bytes: Buffer): string
  close(): void
}

/** Formats a volume as `tasks volumes` does. */
export function luksFile({ uuid }: { uuid?: string } = {}): LuksFile {
  const folder = mkdtempSync('/dev/shm/luks-file-')
  const device = join(folder, 'data.img')
  const keys = join(folder, 'keys', 'kube1')
  const keyFile = join(keys, 'data')
  mkdirSync(keys, { recursive: true })
  writeFileSync(keyFile, randomBytes(64), { mode: 0o400 })
  writeFileSync(device, '')
  truncateSync(device, 32 * 1024 * 1024)
  const format =
    '--type luks2 --batch-mode --luks2-keyslots-size 3m --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --label data'
  const words = [...format.split(' '), '--subsystem', 'home/kube1', ...(uuid ? ['--uuid', uuid] : [])]
  execFileSync('cryptsetup', ['luksFormat', ...words, '--key-file', keyFile, device])
  const cryptsetup = (argv: string[], input?: Buffer) => spawnSync('cryptsetup', argv, { input }).status!
  return {
    ...{ folder, device, path: folder, keyFile, cryptsetup },
    header: () => headerOf(readFileSync(device).subarray(0, 8 * 1024 * 1024))!,
    test(key, slot) {
      const chosen = slot === undefined ? [] : ['--key-slot', String(slot)]
      return cryptsetup(['open', '--test-passphrase', ...chosen, '--key-file', '-', device], key)
    },
    write(name, bytes) {
      writeFileSync(join(folder, name), bytes)
      return join(folder, name)
    },
    close: () => rmSync(folder, { recursive: true }),
  }
}

/** Whether this host has what such tests need: the program, and root for its locks. */
export const hasCryptsetup =
  process.getuid?.() === 0 && (existsSync('/sbin/cryptsetup') || existsSync('/usr/sbin/cryptsetup'))
