import { quote } from '../../cli/process/quote.ts'
import type { VolumeKey } from '../volumes/volume.ts'

// Costly enough for a guesser of 140 random bits, and within the memory of the smallest machine.
const hashing = '--pbkdf argon2id --pbkdf-memory 32768 --pbkdf-parallel 1 --pbkdf-force-iterations 4'

/**
 * Gives a recovery passphrase a keyslot of its own, once. stdin: the passphrase on a line, then what `key` wants. It ends
 * well only when the passphrase opens that very slot.
 */
export function addRecoveryCommands(
  device: string,
  { slot, key }: { slot: number; key: VolumeKey },
): string[] {
  const on = quote(device)
  const tried = `printf %s "$passphrase" | cryptsetup open --test-passphrase --key-slot ${slot} --key-file - ${on}`
  const added =
    `${key.read} | { exec 3<&0; printf %s "$passphrase" | ` +
    `cryptsetup luksAddKey ${hashing} --key-slot ${slot} --key-file /dev/fd/3 ${on} -; }`
  return [
    'IFS= read -r passphrase',
    '[ "${#passphrase}" -ge 32 ]',
    `if ${tried} 2>/dev/null; then :; else ${added}; fi`,
    tried,
  ]
}

/** Prints a header's backup, gzipped in base64; nothing of it comes to lie on a disk. */
export function backupCommands(device: string): string[] {
  return [
    inMemory(
      `cryptsetup luksHeaderBackup ${quote(device)} --header-backup-file "$dir/header"`,
      'gzip -1nc "$dir/header" | base64 -w0',
    ),
  ]
}

/**
 * Tries a header's backup: that it is one of this volume, and that the volume's key opens it. stdin: the length of the
 * gzipped backup on a line, the backup, then what `key` wants.
 */
export function proveBackupCommands(device: string, { key }: { key: VolumeKey }): string[] {
  return [
    inMemory(
      ...unpacked,
      `[ "$(cryptsetup luksUUID "$dir/header")" = "$(blkid -p -s UUID -o value ${quote(device)})" ]`,
      `${key.read} | cryptsetup open --test-passphrase --key-file - "$dir/header"`,
    ),
  ]
}

export interface Restored {
  device: string
  uuid: string
  /** sha256 of the unpacked backup. */
  sha256: string
  /** sha256 of the device's first MiB, as the plan saw it. */
  present: string
  /** Where the header that is there now is kept on the machine. */
  kept: string
}

/** Shell that prints the sha256 of a device's first MiB: where its header is, damaged or not. */
export function startProbe(device: string): string {
  return `dd if=${quote(device)} bs=65536 count=16 2>/dev/null | sha256sum | cut -c1-64`
}

/**
 * Writes a header's backup to a device, after what is there was copied to a file. stdin: the length of the gzipped backup
 * on a line, then the backup.
 */
export function restoreCommands({ device, uuid, sha256, present, kept }: Restored): string[] {
  const on = quote(device)
  const file = quote(kept)
  return [
    `[ "$(${startProbe(device)})" = ${present} ]`,
    `(umask 077; mkdir -p ${quote(kept.replace(/\/[^/]*$/, ''))}; dd if=${on} of=${file} bs=65536 count=256 conv=excl,fsync 2>/dev/null)`,
    `cmp -n 16777216 ${on} ${file}`,
    inMemory(
      ...unpacked,
      `[ "$(sha256sum <"$dir/header" | cut -c1-64)" = ${sha256} ]`,
      `[ "$(cryptsetup luksUUID "$dir/header")" = ${uuid} ]`,
      `[ "$(${startProbe(device)})" = ${present} ]`,
      `cryptsetup luksHeaderRestore ${on} --header-backup-file "$dir/header"`,
    ),
  ]
}

const unpacked = ['IFS= read -r size', 'head -c "$size" | gunzip -c >"$dir/header"']

// A folder of memory that is gone on every way out; what a killed run left behind goes first.
function inMemory(...lines: string[]): string {
  return [
    '(',
    '  umask 077',
    "  find /dev/shm -maxdepth 1 -name 'volume-header.*' -mmin +10 -exec rm -rf {} +",
    '  dir=$(mktemp -d /dev/shm/volume-header.XXXXXX)',
    `  trap 'rm -rf "$dir"' EXIT`,
    `  trap 'exit 1' HUP INT TERM`,
    ...lines.map((line) => `  ${line}`),
    ')',
  ].join('\n')
}
