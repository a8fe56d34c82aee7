import type { Action } from '../../resource.ts'
import { growFilesystem, resizeOpened } from '../commands/filesystem.ts'
import type { LogicalState, VolumeState } from '../state/volume-state.ts'
import type { Volume, VolumeKey } from '../volume.ts'
import { extentsOf } from './refusals.ts'

/** dm-crypt with sectors of 4096 bytes leaves a rest unused. */
const sectorBytes = 4096

interface About {
  state: VolumeState
  volume: Volume
  key: VolumeKey
}

/** Whether the configuration asks for more than the logical volume has. */
export function isExtended(
  { group, logical }: Pick<VolumeState, 'group' | 'logical'>,
  volume: Volume,
): boolean {
  return logical !== undefined && wantedBytes({ group, logical }, volume) > logical.bytes
}

/** The opened device as large as the logical volume is, or is about to be. */
export function growthActions({ state, volume, key }: About): Action[] {
  const { logical, opened } = state
  if (!logical || !opened || opened.bytes >= openedBytes(state, volume)) return []
  return [resizeOpened(volume, { key, logical })]
}

/** The file system as large as its device. Of a closed volume nobody knows: there it is a command that may do nothing. */
export function lastGrowth({ state, volume }: About): Action[] {
  const { logical, opened } = state
  if (!logical?.record?.isFilesystemMade) return []
  if (!opened) return [growFilesystem(volume)]
  const { filesystem } = opened
  if (filesystem?.bytes === undefined) return []
  const isWhole = filesystem.bytes + filesystem.slack >= openedBytes(state, volume)
  return isWhole ? [] : [growFilesystem(volume)]
}

function openedBytes({ group, logical, opened }: VolumeState, volume: Volume): number {
  const below = wantedBytes({ group, logical: logical! }, volume) - opened!.offset
  return Math.floor(below / sectorBytes) * sectorBytes
}

function wantedBytes(
  { group, logical }: { group: VolumeState['group']; logical: LogicalState },
  volume: Volume,
): number {
  if (!group.isUsable) return logical.bytes
  return Math.max(logical.bytes, extentsOf(volume.bytes, group.extentBytes) * group.extentBytes)
}
