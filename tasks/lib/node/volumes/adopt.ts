import type { Finding } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import type { Action, Planned, Resource } from '../resource.ts'
import { logicalName } from './commands/guards.ts'
import { extentsOf } from './plan/refusals.ts'
import { refused } from './plan/refused.ts'
import { blocked } from './plan/volume-plan.ts'
import { tags } from './record.ts'
import { sizeText } from './size.ts'
import { volumeProbe } from './state/probe.ts'
import { readState } from './state/read-state.ts'
import type { LogicalState, LuksState, VolumeState } from './state/volume-state.ts'
import type { Volume } from './volume.ts'

/** The record of a volume that somebody else formatted: tags are all that changes. */
export function adoptedVolume(volume: Volume): Resource {
  return {
    target: `volume ${volume.name}`,
    probe: volumeProbe(volume),
    plan: (answer) => planAdoption(readState(answer, volume), volume),
    source: volume.place,
  }
}

/** What adopts a volume: nothing where it is recorded already, or is not there. */
export function planAdoption(state: VolumeState, volume: Volume): Planned {
  const { group, logical, content } = state
  const name = logicalName(volume)
  if (!group.isUsable) return { actions: [blocked(volume, refused(group.reason, `vgs, on ${volume.node}`))] }
  if (!logical)
    return {
      actions: [],
      findings: [{ severity: 'note', message: `${name} is not there`, hint: 'tasks volumes makes it' }],
    }
  const { record } = logical
  if (record?.isLuksMade && record.isFilesystemMade && !record.problem) return { actions: [] }
  const refusal = adoptionRefusal(logical, { state, volume })
  if (refusal) return { actions: [blocked(volume, { ...volume.place, ...refusal })] }
  return {
    actions: [adopt(volume, { logical, luks: content!.luks!, state })],
    findings: differences(state, volume),
  }
}

function adoptionRefusal(
  { isActive, record }: LogicalState,
  { state: { content, opened }, volume }: { state: VolumeState; volume: Volume },
): Finding | undefined {
  const name = logicalName(volume)
  if (!isActive || !content)
    return refused(
      `${name} is switched off: nobody can see what it holds`,
      `lvchange --activate y ${name}, on ${volume.node}`,
    )
  if (record?.problem)
    return refused(`${name}: ${record.problem}`, `look at them: lvs -o lv_tags ${name}, on ${volume.node}`)
  const { luks, signatures } = content
  const foreign = signatures.filter((type) => type !== 'crypto_LUKS')
  if (!luks || foreign.length > 0)
    return refused(
      `${name} holds ${[...foreign, luks ? 'LUKS' : 'no LUKS header'].join(' and ')}`,
      'only a volume that is LUKS and nothing else can be taken over',
    )
  if (!luks.isWhole || luks.isChanging || luks.keyslots === 0)
    return refused(
      `the LUKS header of ${name} is damaged, being changed, or has no keyslot`,
      `look at it on ${volume.node} before anything else`,
    )
  if (record && (!record.isLuksMade || record.luks !== luks.uuid))
    return refused(
      `${name} has a record of ours that is not of this header`,
      `look at it: lvs -o lv_tags ${name}, on ${volume.node}`,
    )
  if (opened && opened.signatures.length === 0)
    return refused(
      `${volume.opened} is open, and no file system can be seen in it`,
      `look at what it holds, on ${volume.node}`,
    )
  return undefined
}

function adopt(
  volume: Volume,
  { logical, luks, state }: { logical: LogicalState; luks: LuksState; state: VolumeState },
): Action {
  const at = quote(logicalName(volume))
  const uuidOf = `blkid -p -s UUID -o value ${quote(volume.device)}`
  const missing = logical.record
    ? [tags.filesystemMade]
    : [tags.luks(luks.uuid), tags.luksMade, tags.filesystemMade]
  return {
    action: 'adopt',
    title: `take over logical volume ${logicalName(volume)} as it is`,
    before: contentLines(state),
    after: [...contentLines(state), ...missing.map((tag) => `tag ${tag}`)],
    commands: [
      `test "$(lvs --noheadings -o lv_uuid ${at} | tr -d ' ')" = ${quote(logical.uuid)}`,
      `test "$(${uuidOf})" = ${quote(luks.uuid)}`,
      `lvchange ${missing.map((tag) => `--addtag ${tag}`).join(' ')} ${at}`,
    ],
  }
}

function contentLines({ logical, content, opened, mount }: VolumeState): string[] {
  const luks = content!.luks!
  const inner = opened?.filesystem?.type ?? opened?.signatures.join(', ')
  return [
    `size ${sizeText(logical!.bytes)}`,
    `LUKS${luks.version} ${luks.uuid}, ${luks.keyslots} keyslots`,
    opened ? `open, ${inner}${mount.atPath.length > 0 ? ', mounted' : ''}` : 'closed',
  ]
}

// Said at once, for the plan after it will refuse what is not as the configuration says.
function differences({ group, logical, opened }: VolumeState, volume: Volume): Finding[] {
  const found: Finding[] = []
  const warn = (message: string, hint: string) =>
    found.push({ severity: 'warning', ...volume.place, message, hint })
  const name = logicalName(volume)
  if (group.isUsable && logical!.bytes > extentsOf(volume.bytes, group.extentBytes) * group.extentBytes)
    warn(
      `${name} has ${sizeText(logical!.bytes)}, the configuration says ${volume.size}`,
      `size: ${sizeText(logical!.bytes)}`,
    )
  const type = opened?.filesystem?.type
  if (type && type !== volume.filesystem)
    warn(`${name} holds ${type}, the configuration says ${volume.filesystem}`, `filesystem: ${type}`)
  return found
}
