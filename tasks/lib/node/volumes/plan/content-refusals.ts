import type { Finding } from '../../../cli/errors.ts'
import { logicalName } from '../commands/guards.ts'
import type { VolumeRecord } from '../record.ts'
import type { ContentState, LogicalState, LuksState, VolumeState } from '../state/volume-state.ts'
import type { Volume } from '../volume.ts'
import { refused } from './refused.ts'

/** Why what a logical volume holds forbids to do anything to it: it is not what its record says. */
export function contentRefusal(
  { record }: LogicalState,
  { state: { content, opened }, volume }: { state: VolumeState; volume: Volume },
): Finding | undefined {
  if (!content || !record) return undefined
  const foreign = content.signatures.filter((type) => type !== 'crypto_LUKS')
  const { luks } = content
  if (foreign.length > 0) return overwritten(foreign, { content, record, volume })
  if (luks && luks.uuid !== record.luks) return otherHeader(luks, volume)
  if (luks?.isChanging) return changing(volume)
  if (luks && !luks.isWhole && !opened) return halfHeader(volume)
  return record.isLuksMade ? lostHeader(content, volume) : unknownBytes(content, volume)
}

// B01 and B03: a header below another signature may be all that is left of the data.
function overwritten(
  foreign: string[],
  { content: { luks }, record, volume }: { content: ContentState; record: VolumeRecord; volume: Volume },
): Finding {
  const name = logicalName(volume)
  const message = `${name} holds ${foreign.join(', ')}${luks ? ' over a LUKS header' : ''}: nothing is done to it`
  if (record.isLuksMade || luks) return refused(message, restoreHint(volume))
  return refused(message, `if nobody needs what it holds: lvremove ${name}, on ${volume.node}`)
}

function otherHeader({ uuid }: LuksState, volume: Volume): Finding {
  const name = logicalName(volume)
  return refused(
    `${name} has the LUKS header ${uuid}, which is not the one of its record`,
    `find out who formatted it; its record: lvs -o lv_tags ${name}, on ${volume.node}`,
  )
}

function changing(volume: Volume): Finding {
  return refused(
    `${logicalName(volume)} is being encrypted anew`,
    `finish it first: cryptsetup reencrypt --resume-only ${volume.device}, on ${volume.node}`,
  )
}

function halfHeader(volume: Volume): Finding {
  return refused(
    `one of the two copies of the LUKS header of ${logicalName(volume)} is damaged`,
    restoreHint(volume),
  )
}

// B04: nothing can be seen, and still it is not empty.
function lostHeader({ luks }: ContentState, volume: Volume): Finding | undefined {
  const name = logicalName(volume)
  if (!luks)
    return refused(
      `a record says that ${name} was formatted, but its LUKS header is gone`,
      restoreHint(volume),
    )
  if (luks.keyslots > 0) return undefined
  return refused(`the LUKS header of ${name} has no keyslot left`, restoreHint(volume))
}

function unknownBytes({ luks, signatures, isBlank }: ContentState, volume: Volume): Finding | undefined {
  if (luks || (isBlank && signatures.length === 0)) return undefined
  const name = logicalName(volume)
  const seen = signatures.length > 0 ? 'a damaged LUKS header' : 'bytes that nobody knows'
  return refused(
    `${name} begins with ${seen}`,
    `if nobody needs what it holds: lvremove ${name}, on ${volume.node}`,
  )
}

function restoreHint({ name }: Volume): string {
  return `tasks volumes:header-backup --restore ${name}`
}
