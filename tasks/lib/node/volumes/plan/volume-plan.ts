import type { Action, Planned } from '../../resource.ts'
import { createLogical, extendLogical } from '../commands/create.ts'
import { makeFilesystem } from '../commands/filesystem.ts'
import { formatVolume, openVolume, recordFormat, resumeFormat } from '../commands/format.ts'
import { logicalName } from '../commands/guards.ts'
import { sizeText } from '../size.ts'
import type { GroupState, VolumeState } from '../state/volume-state.ts'
import type { Volume, VolumeKey } from '../volume.ts'
import { growthActions, isExtended, lastGrowth } from './grow.ts'
import { mountActions } from './mount-plan.ts'
import { extentsOf, refusals } from './refusals.ts'
import { refused } from './refused.ts'
import { warnings } from './warnings.ts'

/** A volume with what is known of it. */
export interface About {
  state: VolumeState
  volume: Volume
  key: VolumeKey
}

/** What makes a volume of the configuration out of what is there: by its state alone, and nothing where in doubt. */
export function planVolume(about: About): Planned {
  const { state, volume } = about
  const against = [...refusals(state, volume), ...noSpace(about)]
  if (against.length > 0) return { actions: against.map((finding) => blocked(volume, finding)) }
  return {
    actions: [
      ...logicalActions(about),
      ...luksActions(about),
      ...growthActions(about),
      ...filesystemActions(about),
      ...mountActions(about),
      ...lastGrowth(about),
    ],
    findings: warnings(state, volume),
  }
}

/** Only what makes it as large as the configuration says: of a volume that is made, open and mounted. */
export function planGrowth(about: About): Planned {
  const { state, volume } = about
  const planned = planVolume(about)
  if (planned.actions.some(({ blocked: isBlocked }) => isBlocked)) return planned
  const others = [...luksActions(about), ...filesystemActions(about), ...mountActions(about)]
  if (state.logical && others.length === 0) return planned
  const reason = refused(`${logicalName(volume)} is not all made, open and mounted`, 'tasks volumes')
  return { actions: [blocked(volume, reason)] }
}

/** A change that cannot be made, and why. */
export function blocked(volume: Volume, finding: NonNullable<Action['blocked']>): Action {
  return { action: 'run', title: `volume ${logicalName(volume)}`, commands: [], blocked: finding }
}

function logicalActions({ state: { group, logical }, volume }: About): Action[] {
  if (!group.isUsable) return []
  const extents = extentsOf(volume.bytes, group.extentBytes)
  if (!logical) return [createLogical(volume, extents)]
  if (!isExtended({ group, logical }, volume)) return []
  return [extendLogical(volume, { extents, from: sizeText(logical.bytes) })]
}

function noSpace({ state: { group, logical }, volume }: About) {
  if (!group.isUsable) return []
  const missing = missingExtents({ group, bytes: logical?.bytes ?? 0 }, volume)
  if (missing <= 0) return []
  const free = sizeText(group.freeExtents * group.extentBytes)
  const message = `volume group ${volume.vg} has ${free} free, ${sizeText(missing * group.extentBytes)} less than ${logicalName(volume)} needs`
  return [refused(message, `give it another disk: vgextend ${volume.vg} /dev/DISK, on ${volume.node}`)]
}

function missingExtents(
  { group, bytes }: { group: GroupState & { isUsable: true }; bytes: number },
  volume: Volume,
): number {
  const { extentBytes, freeExtents } = group
  return extentsOf(volume.bytes, extentBytes) - extentsOf(bytes, extentBytes) - freeExtents
}

// The record decides, not what can be seen: refusals() has made sure that the two agree.
function luksActions({ state: { logical, content, opened }, volume, key }: About): Action[] {
  const on = { key, logical }
  const open = opened ? [] : [openVolume(volume, on)]
  if (!logical) return [formatVolume(volume, on), ...open]
  if (logical.record?.isLuksMade) return open
  if (!content?.luks) return [formatVolume(volume, on), ...open]
  const format = content.luks.keyslots === 0 ? resumeFormat : recordFormat
  return [format(volume, on), ...open]
}

function filesystemActions({ state: { logical, mount }, volume }: About): Action[] {
  if (logical?.record?.isFilesystemMade) return []
  return [makeFilesystem(volume, { logical, hasQuota: mount.hasQuota })]
}
