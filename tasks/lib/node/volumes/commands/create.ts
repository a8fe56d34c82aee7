import { quote } from '../../../cli/process/quote.ts'
import type { Action } from '../../resource.ts'
import { tags } from '../record.ts'
import type { Volume } from '../volume.ts'
import { logicalName } from './guards.ts'

/** The logical volume with the record of what is about to be done with it, in one step of LVM's. */
export function createLogical(volume: Volume, extents: number): Action {
  const { vg, name, size } = volume
  const tag = `"${tags.luks('$(cat /proc/sys/kernel/random/uuid)')}"`
  const explained =
    `nothing was made. If the space of ${logicalName(volume)} still holds what was there before, see it first: ` +
    'make the volume by hand with the same command and answer its question'
  return {
    action: 'create',
    title: `create logical volume ${logicalName(volume)}`,
    after: [`size ${size}`],
    // Without a terminal and without --yes it ends with 5 where it would have to wipe a signature.
    commands: [
      `lvcreate --wipesignatures y --zero y --extents ${extents} --name ${quote(name)} --addtag ${tag} ${quote(vg)} </dev/null || { code=$?; echo ${quote(explained)} >&2; exit $code; }`,
    ],
    notes: ['an old signature in its space is never wiped: lvcreate would ask, gets no answer, and ends'],
  }
}

/** More extents for the logical volume; never fewer. */
export function extendLogical(volume: Volume, { extents, from }: { extents: number; from: string }): Action {
  return {
    action: 'update',
    title: `extend logical volume ${logicalName(volume)}`,
    before: [`size ${from}`],
    after: [`size ${volume.size}`],
    commands: [`lvextend --extents ${extents} ${quote(logicalName(volume))} </dev/null`],
  }
}
