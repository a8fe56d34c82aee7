import type { Answer } from '../../resource.ts'
import type { Volume } from '../volume.ts'
import { readAnswers } from './answers.ts'
import { readContent } from './content-state.ts'
import { readGroup, readLogical } from './lvm-state.ts'
import { readMappings } from './mapper-state.ts'
import { readMount } from './mount-state.ts'
import { readOpened } from './opened-state.ts'
import type { LogicalState, VolumeState } from './volume-state.ts'

/** The state of a volume in what its probe answered. Throws a TaskError where any of it is not certain. */
export function readState(answer: Answer, volume: Volume): VolumeState {
  const answers = readAnswers(answer)
  const group = readGroup(answers)
  const logical = group.isUsable ? readLogical(answers, volume) : undefined
  const mappings = group.isUsable ? readMappings(answers, volume.mapper) : []
  const own = mappings.find(({ name }) => name === volume.mapper)
  const opened = own && readOpened(answers, own)
  return {
    group,
    logical,
    content: logical?.isActive ? readContent(answers, { number: logical.number }) : undefined,
    opened,
    strangers: strangersOf(mappings, { logical, volume }),
    mount: readMount(answers, { volume, number: opened?.number }),
  }
}

function strangersOf(
  mappings: ReturnType<typeof readMappings>,
  { logical, volume }: { logical?: LogicalState; volume: Volume },
): string[] {
  if (!logical) return []
  return mappings
    .filter(({ name, below }) => below === logical.number && name !== volume.mapper)
    .map(({ name }) => name)
}
