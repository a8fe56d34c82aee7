import type { Resource } from '../resource.ts'
import { extentsOf } from './plan/refusals.ts'
import { refused } from './plan/refused.ts'
import { sizeText } from './size.ts'
import { askFunction, lastAnswer, readAnswers } from './state/answers.ts'
import { readGroup, readSizes } from './state/lvm-state.ts'
import { groupProbe } from './state/probe.ts'
import type { Volume } from './volume.ts'

/** Room in a volume group for all volumes that are wanted of it: each alone may fit, and all together not. */
export function groupRoom(vg: string, volumes: Volume[]): Resource {
  const [{ node, place }] = volumes as [Volume]
  return {
    target: `volume group ${vg}`,
    probe: [askFunction, ...groupProbe(vg), lastAnswer].join('\n'),
    source: place,
    plan(answer) {
      const answers = readAnswers(answer)
      const group = readGroup(answers)
      // What is wrong with the group is said of each of its volumes.
      if (!group.isUsable) return { actions: [] }
      const { extentBytes, freeExtents } = group
      const sizes = readSizes(answers)
      const missing = volumes.map(({ name, bytes }) =>
        Math.max(0, extentsOf(bytes, extentBytes) - extentsOf(sizes.get(name) ?? 0, extentBytes)),
      )
      const short = missing.reduce((sum, extents) => sum + extents, 0) - freeExtents
      if (short <= 0 || missing.some((extents) => extents > freeExtents)) return { actions: [] }
      const names = volumes.filter((_, index) => missing[index]! > 0).map(({ name }) => name)
      const message = `volume group ${vg} has ${sizeText(freeExtents * extentBytes)} free, ${sizeText(short * extentBytes)} less than ${names.join(', ')} need together`
      const blocked = refused(message, `give it another disk: vgextend ${vg} /dev/DISK, on ${node}`)
      return { actions: [{ action: 'run', title: `volume group ${vg}`, commands: [], blocked }] }
    },
  }
}
