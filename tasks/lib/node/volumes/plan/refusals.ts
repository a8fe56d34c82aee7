import type { Finding } from '../../../cli/errors.ts'
import { logicalName } from '../commands/guards.ts'
import { sizeText } from '../size.ts'
import type { LogicalState, OpenedState, VolumeState } from '../state/volume-state.ts'
import type { Volume } from '../volume.ts'
import { contentRefusal } from './content-refusals.ts'
import { mountRefusals } from './mount-refusals.ts'
import { refused } from './refused.ts'

/** Why nothing may be done to a volume; empty where nothing speaks against it. */
export function refusals(state: VolumeState, volume: Volume): Finding[] {
  const { group, logical } = state
  if (!group.isUsable) return [noGroup(volume, group.reason)]
  const stacked = logical ? logicalRefusals(logical, { state, volume }) : openedBefore(state, volume)
  return [...stacked, ...mountRefusals(state, volume)].map((finding) => ({ ...volume.place, ...finding }))
}

/** Extents that a volume of that size takes. */
export function extentsOf(bytes: number, extentBytes: number): number {
  return Math.ceil(bytes / extentBytes)
}

function noGroup({ vg, node, name }: Volume, reason: string): Finding {
  const make = `make it from a disk that you know to be empty: vgcreate ${vg} /dev/DISK, on ${node}`
  const hint = /not found/.test(reason)
    ? make
    : /not installed/.test(reason)
      ? `tasks node:prepare ${node}; then, unless the group is on its disks already, ${make}`
      : `mend it on ${node}: vgs, pvs`
  return refused(`volume ${name}: volume group ${vg} cannot be used: ${reason}`, hint)
}

interface About {
  state: VolumeState
  volume: Volume
}

function logicalRefusals(logical: LogicalState, { state, volume }: About): Finding[] {
  const name = logicalName(volume)
  const { record, isActive } = logical
  if (!isActive)
    return [
      refused(
        `${name} is switched off: nobody can see what it holds`,
        `lvchange --activate y ${name}, on ${volume.node}`,
      ),
    ]
  if (!record) return [notOurs(state, volume)]
  if (record.problem)
    return [refused(`${name}: ${record.problem}`, `look at them: lvs -o lv_tags ${name}, on ${volume.node}`)]
  const [first] = [
    tooLarge(logical, { state, volume }),
    contentRefusal(logical, { state, volume }),
    openedRefusal(logical, { state, volume }),
  ].filter((one) => one !== undefined)
  return first ? [first] : []
}

// A06: whatever it holds, somebody else made it.
function notOurs({ content, opened }: VolumeState, volume: Volume): Finding {
  const name = logicalName(volume)
  const held =
    content?.signatures.join(', ') ||
    (content?.isBlank ? 'nothing that can be seen' : 'bytes that say nothing')
  const seen = opened ? `${held}, opened as ${volume.mapper}` : held
  const message = `${name} is there already, and not made by this: it holds ${seen}`
  if (content?.luks) return refused(message, `to take it over as it is: tasks volumes:adopt ${volume.name}`)
  return refused(
    message,
    `give the volume another name, or if nobody needs what it holds: lvremove ${name}, on ${volume.node}`,
  )
}

function tooLarge({ bytes }: LogicalState, { state, volume }: About): Finding | undefined {
  if (!state.group.isUsable) return undefined
  const { extentBytes } = state.group
  if (extentsOf(volume.bytes, extentBytes) * extentBytes >= bytes) return undefined
  return refused(
    `${logicalName(volume)} has ${sizeText(bytes)}, the configuration says ${volume.size}: volumes never shrink`,
    `size: ${sizeText(bytes)}`,
  )
}

function openedRefusal(
  logical: LogicalState,
  { state: { opened, strangers, content }, volume }: About,
): Finding | undefined {
  const name = logicalName(volume)
  if (strangers.length > 0)
    return refused(
      `${name} is opened as ${strangers.join(', ')}, expected ${volume.mapper}`,
      `cryptsetup close ${strangers[0]}, on ${volume.node}`,
    )
  const holders = content?.holders.filter((holder) => holder !== volume.mapper) ?? []
  if (holders.length > 0)
    return refused(
      `${name} is in use by ${holders.join(', ')}: nothing is done to it`,
      `find out what it is: lsblk ${volume.device}, on ${volume.node}`,
    )
  if (!opened) return undefined
  if (opened.below !== logical.number)
    return refused(
      `${volume.opened} is opened from another device than ${name}`,
      `dmsetup deps ${volume.mapper}, on ${volume.node}`,
    )
  if (opened.luks !== content?.luks?.uuid)
    return refused(
      `${volume.opened} was opened with another header than ${name} has now`,
      `save what is mounted from it before anything else; then: tasks volumes:header-backup --restore ${volume.name}`,
    )
  return innerRefusal(opened, { logical, volume })
}

// B07: what is inside is looked at only while it is open; else mkfs' own guards look.
function innerRefusal(
  opened: OpenedState,
  { logical, volume }: { logical: LogicalState; volume: Volume },
): Finding | undefined {
  const { record } = logical
  const { filesystem, signatures } = opened
  if (!record?.isLuksMade) return undefined
  const foreign = signatures.filter((type) => type !== volume.filesystem)
  if (foreign.length > 0)
    return refused(
      `${volume.opened} holds ${foreign.join(', ')}, the configuration says ${volume.filesystem}`,
      `filesystem: ${foreign[0]}`,
    )
  if (!filesystem && record.isFilesystemMade)
    return refused(
      `a record says that ${volume.opened} has a file system, but none can be seen`,
      `look at it: fsck -n ${volume.opened}, on ${volume.node}`,
    )
  if (filesystem && !record.isFilesystemMade && filesystem.uuid !== record.filesystem)
    return refused(
      `${volume.opened} holds a file system ${filesystem.type} that was not made by this`,
      `to take it over as it is: tasks volumes:adopt ${volume.name}`,
    )
  return undefined
}

// Without a logical volume nothing can be opened from it.
function openedBefore({ opened }: VolumeState, volume: Volume): Finding[] {
  if (!opened) return []
  return [
    refused(
      `${volume.opened} is opened from another device than ${logicalName(volume)}`,
      `dmsetup deps ${volume.mapper}, on ${volume.node}`,
    ),
  ]
}
