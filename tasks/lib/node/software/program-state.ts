import { TaskError } from '../../cli/errors.ts'
import type { Answer } from '../resource.ts'
import { answerLines } from '../system/answers.ts'
import { membership, recordFolder, seenFolder, stageFolder } from './names.ts'
import { isForeign } from './on-our-machines.ts'
import type { Architecture } from './releases.ts'

/** What a machine says of the programs that were installed on it. */
export interface ProgramState {
  /** Undefined for a processor that there are no releases for. */
  arch?: Architecture
  machine: string
  isMember: boolean
  /** It is a member, and what runs there was installed by somebody else. */
  isForeign: boolean
  /** An installation was interrupted, and what it was sent is still there. */
  hasLeftOver: boolean
  /** By name. */
  installed: ReadonlyMap<string, Installed>
}

export interface Installed {
  version: string
  /** Of the release that it came from. */
  sha256: string
  /** Its files are still as they were installed. */
  isWhole: boolean
}

/** One line for each program. Files are summed up only where their size or times are not those of the installation. */
export const programProbe = `echo "machine $(uname -m)"
if test -e ${membership}; then echo member; fi
if ${isForeign}; then echo foreign; fi
if test -e ${stageFolder}; then echo left; fi
for record in ${recordFolder}/*
do test -f "$record" || continue
  name=\${record##*/} seen=${seenFolder}/\${record##*/}
  read -r mark program version digest <"$record"
  if sed -n 's/^[0-9a-f]* [ *]//p' "$record" | xargs -d '\\n' stat -c '%s %Y %Z %i %n' -- 2>/dev/null | cmp -s - "$seen"
  then state=whole
  elif sha256sum -c --status -- "$record" 2>/dev/null; then state=whole
  else state=changed; fi
  echo "program $name $version $digest $state"
done`

/** Reads that answer. */
export function programState(answer: Answer): ProgramState {
  const rows = answerLines(answer).map((line) => line.split(' '))
  const machine = rows.find(([word]) => word === 'machine')?.[1]
  if (!machine) throw new TaskError('it does not say what processor it has')
  const has = (word: string) => rows.some(([first]) => first === word)
  const installed = rows
    .filter(([word]) => word === 'program')
    .map(([, name, version, sha256, state]): [string, Installed] => [
      name!,
      { version: version!, sha256: sha256!, isWhole: state === 'whole' },
    ])
  return {
    machine,
    arch: architectures[machine],
    isMember: has('member'),
    isForeign: has('foreign'),
    hasLeftOver: has('left'),
    installed: new Map(installed),
  }
}

const architectures: Record<string, Architecture> = { x86_64: 'amd64', aarch64: 'arm64' }
