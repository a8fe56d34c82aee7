import type { Action } from '../../resource.ts'
import {
  changeOwner,
  fstabLine,
  makeFolder,
  mountVolume,
  protectFolder,
  writeFstab,
} from '../commands/mount.ts'
import type { MountState, VolumeState } from '../state/volume-state.ts'
import type { Volume } from '../volume.ts'

/** The folder, the line of fstab, the mount and the owner of a volume. */
export function mountActions({ state, volume }: { state: VolumeState; volume: Volume }): Action[] {
  const { mount } = state
  const isMounted = mount.atPath.length > 0
  return [
    ...folderActions(mount, { isMounted, volume }),
    ...fstabActions(state, volume),
    ...(isMounted ? [] : [mountVolume(volume)]),
    ...ownerActions(mount, volume),
  ]
}

function folderActions(
  { folder, isImmutable }: MountState,
  { isMounted, volume }: { isMounted: boolean; volume: Volume },
): Action[] {
  if (folder === 'missing' || (folder === 'unknown' && !isMounted)) return [makeFolder(volume)]
  // Undefined: its file system knows no such attribute, and there is nothing to wait for.
  if (isImmutable !== false) return []
  return [isMounted ? protectFolder(volume) : makeFolder(volume)]
}

function fstabActions(state: VolumeState, volume: Volume): Action[] {
  const { fstab } = state.mount
  const [line] = fstab
  const wanted = line === undefined ? fstabLine(volume, limitsProjects(state)) : mended(line, volume)
  if (fstab.length === 1 && line === wanted) return []
  return [writeFstab(wanted, { path: volume.path, old: fstab })]
}

// A file system without the feature does not mount with the option: only what we made, or are about to make, has it.
function limitsProjects({ mount: { hasQuota }, logical, opened }: VolumeState): boolean {
  const isOurs = !logical?.record?.isFilesystemMade || logical.record.filesystem !== undefined
  return hasQuota && isOurs && (opened?.filesystem?.hasQuota ?? true)
}

// Another hand's options stay, but for those that would mount it before it is open, or keep a boot waiting.
function mended(line: string, { opened, filesystem }: Volume): string {
  const [device, at, type, options = 'defaults', ...numbers] = line.trim().split(/\s+/)
  const kept = options.split(',').filter((option) => !['auto', '_netdev'].includes(option))
  const all = [...new Set([...kept, 'noauto', 'nofail'])].join(',')
  const isWanted = device === opened && type === filesystem && all === options && numbers.join(' ') === '0 0'
  return isWanted ? line : `${opened} ${at} ${filesystem} ${all} 0 0`
}

function ownerActions({ owner: found, atPath }: MountState, volume: Volume): Action[] {
  const { owner } = volume
  if (!owner) return []
  if (atPath.length > 0 && isOwner(found, owner)) return []
  return [changeOwner(volume, { owner, before: found?.split(' ')[1] })]
}

// Either may be a name or a number, and the group may be left out: "1000:1000 ops:ops" against "ops".
function isOwner(found: string | undefined, owner: string): boolean {
  const [ids = '', names = ''] = found?.split(' ') ?? []
  const present = [ids.split(':'), names.split(':')]
  return owner.split(':').every((word, index) => present.some((one) => one[index] === word))
}
