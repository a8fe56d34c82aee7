import { quote } from '../../../cli/process/quote.ts'
import type { Action } from '../../resource.ts'
import { escaped } from '../path.ts'
import type { Volume } from '../volume.ts'

/**
 * The line of fstab. noauto: it is mounted by what opens it. nofail: its mount unit keeps no other mount and no login
 * waiting.
 */
export function fstabLine({ opened, path, filesystem }: Volume, hasQuota: boolean): string {
  const options = ['defaults', 'noauto', 'nofail', ...(hasQuota ? ['prjquota'] : [])]
  return `${opened} ${escaped(path)} ${filesystem} ${options.join(',')} 0 0`
}

/** The folder to mount at, which nothing can be written to while nothing is mounted there. */
export function makeFolder({ path }: Volume): Action {
  const at = quote(path)
  return {
    action: 'create',
    title: `make ${path} a mount point that cannot be written to while it is empty`,
    commands: [
      `test "$(readlink -m ${at})" = ${at}`,
      `mkdir -p ${at}`,
      ...emptyGuards(path),
      `chattr +i ${at}`,
    ],
  }
}

/** The same for the folder below what is mounted already, seen from a mount namespace of its own. */
export function protectFolder({ path }: Volume): Action {
  const script = 'set -e; while mountpoint -q "$0"; do umount -l "$0"; done; chattr +i "$0"'
  return {
    action: 'update',
    title: `keep the folder below ${path} from being written to while nothing is mounted there`,
    commands: [`unshare --mount sh -c ${quote(script)} ${quote(path)}`],
  }
}

/** The line of fstab, in place of those that there are for the same path. */
export function writeFstab(line: string, { path, old }: { path: string; old: readonly string[] }): Action {
  const without = [...old, line].map((text) => `-e ${quote(text)}`).join(' ')
  return {
    action: old.length > 0 ? 'update' : 'create',
    title: `write the line of ${path} into /etc/fstab`,
    before: [...old],
    after: [line],
    commands: [
      'touch /etc/fstab; cp -p /etc/fstab /etc/fstab.new',
      `{ grep -vxF ${without} /etc/fstab || test $? -eq 1; printf '%s\\n' ${quote(line)}; } >/etc/fstab.new`,
      'sync /etc/fstab.new; mv /etc/fstab.new /etc/fstab; sync /etc',
      'systemctl daemon-reload',
    ],
  }
}

/** The mount itself, as its line of fstab says; the boot unit of its machine may be faster. */
export function mountVolume({ opened, path, filesystem }: Volume): Action {
  const at = quote(path)
  const number = `lsblk -n -d -o MAJ:MIN ${quote(opened)} | tr -d ' '`
  return {
    action: 'run',
    title: `mount ${opened} at ${path}`,
    commands: [
      `test "$(blkid -p -s TYPE -o value ${quote(opened)})" = ${filesystem}`,
      `is_mounted() { test "$(findmnt -n -r -o MAJ:MIN --mountpoint ${at} | tail -n 1)" = "$(${number})"; }`,
      ...emptyGuards(path, { unless: 'is_mounted' }),
      `is_mounted || mount ${at} || is_mounted`,
    ],
  }
}

/** The owner of the top folder of the file system. */
export function changeOwner({ path }: Volume, { owner, before }: { owner: string; before?: string }): Action {
  return {
    action: 'update',
    title: `give ${path} to ${owner}`,
    before: before ? [`owner ${before}`] : [],
    after: [`owner ${owner}`],
    commands: [`mountpoint -q ${quote(path)}`, `chown ${quote(owner)} ${quote(path)}`],
  }
}

function emptyGuards(path: string, { unless = 'false' } = {}): string[] {
  const at = quote(path)
  const refuse = (reason: string) =>
    `${unless} || { echo ${quote(`refused: ${path} ${reason}`)} >&2; exit 1; }`
  return [
    `! mountpoint -q ${at} || ${refuse('is mounted already')}`,
    `test -z "$(ls -A ${at})" || ${refuse('is not empty')}`,
  ]
}
