import type { Finding, Place } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import type { Action, Answer, Resource } from '../resource.ts'
import { answerLines } from './answers.ts'
import { lineInFile } from './line-in-file.ts'

export interface MountOptions {
  /** As fstab names it: "UUID=…", "/dev/mapper/luks-data", "server:/share". */
  device: string
  path: string
  type: string
  /** "defaults" */
  options?: string
  source?: Place
}

/** A file system that is in fstab, and mounted. */
export function mount({ device, path, type, options = 'defaults', source }: MountOptions): Resource[] {
  const line = `${[device, path, type, options].map(escaped).join(' ')} 0 0`
  const now: Resource = {
    target: `mount ${path}`,
    source,
    probe: mountProbe({ device, path }),
    plan: (answer) => ({ actions: mountActions(answer, { device, path }) }),
  }
  const sameMount = (one: string) => !one.startsWith('#') && one.split(/\s+/)[1] === escaped(path)
  return [lineInFile({ path: '/etc/fstab', line, instead: sameMount, source }), now]
}

// As fstab wants them: fields are apart by blanks.
function escaped(word: string): string {
  return word.replace(/[\s\\#]/g, (mark) => `\\${mark.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

// Devices have several names: both are followed to the one that the kernel has.
function mountProbe({ device, path }: { device: string; path: string }): string {
  const word = quote(path)
  return `if mountpoint -q -- ${word}
then source=$(findmnt -n -o SOURCE --mountpoint ${word} | tail -n 1)
  echo "mounted $(readlink -m -- ${quote(device)})"; echo "UUID=$(findmnt -n -o UUID --mountpoint ${word} | tail -n 1)"
  echo "$source"; readlink -m -- "$source"
elif test -e ${word}; then find ${word} -mindepth 1 -maxdepth 1 | wc -l | sed 's/^/entries /'
else echo absent; fi`
}

function mountActions(answer: Answer, wanted: Pick<MountOptions, 'device' | 'path'>): Action[] {
  const { device, path } = wanted
  const [line = '', ...sources] = answerLines(answer)
  const [word, first = ''] = line.split(' ')
  if (word === 'mounted' && (sources.includes(device) || sources.includes(first))) return []
  const entries = word === 'entries' ? Number(first) : 0
  const action = mountNow(wanted)
  if (word === 'mounted') return [{ ...action, blocked: otherMount(path, sources[1] ?? 'something else') }]
  return [entries === 0 ? action : { ...action, blocked: notEmpty(path, entries) }]
}

function mountNow({ device, path }: Pick<MountOptions, 'device' | 'path'>): Action {
  const word = quote(path)
  return {
    action: 'run',
    title: `mount ${device} at ${path}`,
    after: [`${device} on ${path}`],
    commands: [
      `mkdir -p -- ${word}`,
      `if ! mountpoint -q -- ${word}
then if test -n "$(ls -A -- ${word})"; then echo ${quote(`${path} is not empty`)} >&2; exit 1; fi
mount -- ${word}
fi`,
    ],
  }
}

function otherMount(path: string, source: string): Finding {
  return {
    severity: 'error',
    message: `${source} is mounted at ${path}`,
    hint: `see what uses it: findmnt ${quote(path)}`,
  }
}

// What lies below would be hidden, and a program that has it open would go on writing there.
function notEmpty(path: string, entries: number): Finding {
  return {
    severity: 'error',
    message: `${path} is to be a mount point but has ${entries} entries, which the mount would hide`,
    hint: `stop what uses them, then move them away: mv ${quote(path)} ${quote(`${path}.before`)}`,
  }
}
