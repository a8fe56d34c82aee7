import { TaskError } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import type { Answer } from '../resource.ts'
import type { MountState } from './ground.ts'
import { parseFstab, parseMounts } from './mounts.ts'

/** What is at a path, links followed. */
export interface FoundDirectory {
  isDirectory: boolean
  /** "700" */
  mode: string
  /** Mount point of the file system that it really lies on. */
  mount: string
}

export interface DirectoryState extends MountState {
  directories: Map<string, FoundDirectory>
}

const atOnce = 500

/** Shell that tells what is mounted around and below a folder, and what is at paths in it. */
export function directoryProbe(folder: string, paths: readonly string[]): string {
  const lines = [mountProbe(folder), "echo '-- directories'"]
  for (let index = 0; index < paths.length; index += atOnce) {
    const words = paths.slice(index, index + atOnce).map(quote)
    lines.push(`LC_ALL=C stat -L --printf '%f\\t%a\\t%m\\t%n\\n' -- ${words.join(' ')}`)
  }
  return [...lines, "echo '-- end'"].join('\n')
}

/** Shell that tells what is mounted around and below a folder, without what differs each time, and what fstab would mount. */
export function mountProbe(folder: string): string {
  const isNear = '$5 == f || index($5, f "/") == 1 || index(f "/", $5 == "/" ? "/" : $5 "/") == 1'
  const program = `${isNear} { $1 = $2 = $3 = 0; print }`
  // As /proc has it, for awk, which takes backslashes away.
  const escaped = folder.replace(
    /[\\ \t]/g,
    (sign) => `\\\\${sign.charCodeAt(0).toString(8).padStart(3, '0')}`,
  )
  return [
    `awk -v f=${quote(escaped)} '${program}' /proc/self/mountinfo`,
    "echo '-- fstab'",
    'cat /etc/fstab',
  ].join('\n')
}

/** Reads the answer; what is not there has no entry. Throws where a path can be neither seen nor known to be missing. */
export function parseDirectories({ stdout, stderr }: Answer): DirectoryState {
  const [mountinfo, fstab, directories, end] = stdout.split(/^-- (?:fstab|directories|end)\n?/m)
  const mounts = parseMounts(mountinfo ?? '')
  if (end === undefined || mounts.length === 0) throw new TaskError('what is mounted could not be read')
  const odd = stderr
    .split('\n')
    .filter((line) => line.startsWith('stat: '))
    .find((line) => !line.endsWith(': No such file or directory'))
  if (odd) throw new TaskError(`a directory could not be read: ${odd}`, { hint: 'look at it on the machine' })
  return { mounts, fstab: parseFstab(fstab!), directories: new Map(directories!.split('\n').flatMap(entry)) }
}

function entry(line: string): [string, FoundDirectory][] {
  const [type, mode, mount, ...name] = line.split('\t')
  if (!type || !mode || !mount) return []
  // S_IFMT and S_IFDIR of stat(2).
  const isDirectory = (Number.parseInt(type, 16) & 0o170000) === 0o040000
  return [[name.join('\t'), { isDirectory, mode, mount }]]
}
