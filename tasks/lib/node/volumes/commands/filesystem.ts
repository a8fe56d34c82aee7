import { quote } from '../../../cli/process/quote.ts'
import type { Action } from '../../resource.ts'
import { tags } from '../record.ts'
import type { Volume } from '../volume.ts'
import { inputOf, type OnVolume } from './format.ts'
import {
  formattedByRecord,
  logicalGuards,
  logicalName,
  openedFromVolume,
  unused,
  withoutFilesystem,
} from './guards.ts'
import { readKey, withKey } from './key-commands.ts'

interface OnOpened extends Pick<OnVolume, 'logical'> {
  /** The kernel can hold quotas of ext4. */
  hasQuota: boolean
}

/**
 * A file system in a volume that no record says ever had one. Its UUID is recorded before, so that one that an
 * interrupted run made is known for our own; whatever else is there is left alone.
 */
export function makeFilesystem(volume: Volume, { logical, hasQuota }: OnOpened): Action {
  const { filesystem, opened } = volume
  const at = quote(opened)
  const name = logicalName(volume)
  return {
    action: 'create',
    title: `make file system ${filesystem} in ${opened}`,
    after: [filesystem],
    commands: [
      ...logicalGuards(volume, logical),
      ...formattedByRecord(volume),
      ...withoutFilesystem(volume),
      ...openedFromVolume(volume),
      ...unused(opened),
      `fs=$(echo "$tags" | tr , '\\n' | sed -n 's/^metaltasks\\.fs=//p')`,
      `if [ -z "$fs" ]; then fs=$(cat /proc/sys/kernel/random/uuid); lvchange --addtag ${tags.filesystem('$fs')} ${quote(name)}; fi`,
      `code=0; blkid -p ${at} || code=$?`,
      ...(filesystem === 'xfs' ? [clearUnfinished(opened)] : []),
      whereNothingIs(volume, mkfs(volume, hasQuota)),
      ownFilesystem(volume),
      `lvchange --addtag ${tags.filesystemMade} ${quote(name)}`,
    ],
  }
}

/** The opened device as large as the logical volume; LUKS2 asks for the key to do it. */
export function resizeOpened(volume: Volume, { key, logical }: OnVolume): Action {
  return {
    action: 'update',
    title: `extend ${volume.opened} to the size of its logical volume`,
    commands: [
      ...readKey(volume, key),
      ...logicalGuards(volume, logical),
      ...openedFromVolume(volume),
      withKey(`resize ${quote(volume.mapper)}`),
    ],
    ...inputOf(key),
  }
}

/** The file system as large as the device it is in, while it is mounted. */
export function growFilesystem({ filesystem, opened, path }: Volume): Action {
  const command = filesystem === 'xfs' ? `xfs_growfs ${quote(path)}` : `resize2fs ${quote(opened)}`
  return {
    action: 'update',
    title: `extend file system ${filesystem} at ${path}`,
    commands: [`mountpoint -q ${quote(path)}`, command],
  }
}

function mkfs({ filesystem, inodes, opened }: Volume, hasQuota: boolean): string {
  if (filesystem === 'xfs') return `mkfs.xfs -q -m uuid="$fs" ${quote(opened)}`
  const quota = hasQuota ? ' -O quota,project -E quotatype=prjquota' : ''
  return `mkfs.ext4 -q -m 0${inodes ? ` -N ${inodes}` : ''}${quota} -U "$fs" ${quote(opened)} </dev/null`
}

// mkfs.xfs marks what it has not finished, and no kernel mounts that: with our UUID it is our own and holds nothing.
function clearUnfinished(opened: string): string {
  const at = quote(opened)
  return [
    `if [ "$code" -eq 0 ] && [ "$(blkid -p -s TYPE -o value ${at}) $(blkid -p -s UUID -o value ${at})" = "xfs $fs" ] && [ "$(xfs_db -r -c 'sb 0' -c 'p inprogress' ${at})" = 'inprogress = 1' ]; then`,
    `  dd if=/dev/zero of=${at} bs=4096 count=1 conv=notrunc,fsync; code=0; blkid -p ${at} || code=$?`,
    'fi',
  ].join('\n')
}

function whereNothingIs(volume: Volume, command: string): string {
  const { filesystem, opened } = volume
  const at = quote(opened)
  const check = filesystem === 'xfs' ? `xfs_repair -n ${at}` : `e2fsck -f -n ${at}`
  return [
    'if [ "$code" -eq 2 ]; then',
    `  found=$(wipefs --no-act --noheadings ${at}); test -z "$found" || refuse "wipefs sees something on ${opened}: $found"`,
    `  ${command}`,
    `else ${ownFilesystem(volume)}; ${check}`,
    'fi',
  ].join('\n')
}

function ownFilesystem({ filesystem, opened }: Volume): string {
  const at = quote(opened)
  return `test "$(blkid -p -s TYPE -o value ${at}) $(blkid -p -s UUID -o value ${at})" = "${filesystem} $fs" || refuse '${opened} holds something that we did not make'`
}
