import type { Finding } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import type { Action, Answer, Planned, Resource } from '../resource.ts'
import { type Ground, type GroundOptions, groundGuards, groundOf } from './ground.ts'
import { type DirectoryState, directoryProbe, type FoundDirectory, parseDirectories } from './probe.ts'

/** The directories behind a machine's PersistentVolumes. */
export interface WantedDirectories {
  /** All of them are below it: "/var/lib/k8s-volumes". */
  folder: string
  paths: string[]
  /** Folders around them that only root looks into: pools. Each volume's own directory belongs to the pod that gets it. */
  closed: string[]
}

/** All directories of a machine as one resource: one question, and one command for those that are missing. */
export function directories(wanted: WantedDirectories, options: GroundOptions): Resource {
  return {
    target: 'directories of PersistentVolumes',
    probe: directoryProbe(wanted.folder, [...wanted.closed, ...wanted.paths]),
    plan: (answer) => planDirectories(wanted, answer, options),
  }
}

function planDirectories(wanted: WantedDirectories, answer: Answer, options: GroundOptions): Planned {
  const state = parseDirectories(answer)
  const groups = new Map<string, Group>()
  for (const path of [...wanted.closed, ...wanted.paths]) {
    const ground = groundOf(path, state, options)
    const key = 'reason' in ground ? ground.reason.replace(path, '') : (ground.path ?? '/')
    const group = groups.get(key) ?? { ground, closed: [], paths: [] }
    groups.set(key, group)
    group[wanted.closed.includes(path) ? 'closed' : 'paths'].push(path)
  }
  const all = [...groups.values()].filter(({ paths }) => paths.length > 0)
  return {
    actions: all.flatMap((group) => actionsOf(group, state)),
    findings: bareMountPoints(wanted.paths, options),
  }
}

/** Directories that lie on the same file system, or may not be made for the same reason. */
interface Group extends Pick<WantedDirectories, 'closed' | 'paths'> {
  ground: ReturnType<typeof groundOf>
}

function actionsOf({ ground, closed, paths }: Group, state: DirectoryState): Action[] {
  if ('reason' in ground) return [refused(paths, ground)]
  // What is seen below a mount point before the mount is not what will be there.
  const found = (path: string) => (ground.isMounted ? state.directories.get(path) : undefined)
  const wrong = [...closed, ...paths].flatMap((path) => misplaced(path, found(path), ground))
  if (wrong.length > 0) return wrong
  const missing = paths.filter((path) => !found(path))
  const open = closed.filter((path) => found(path)?.mode !== '700')
  if (missing.length === 0 && open.length === 0) return []
  return [makeDirectories({ missing, open }, ground)]
}

function makeDirectories({ missing, open }: { missing: string[]; open: string[] }, ground: Ground): Action {
  const below = ground.path ?? 'the disk of the system'
  const title =
    missing.length > 0
      ? `create ${counted(missing.length)} on ${below}`
      : `close ${counted(open.length)} on ${below}`
  return {
    action: missing.length > 0 ? 'create' : 'update',
    title,
    after: [...open.map((path) => `${path}  mode 0700`), ...missing],
    commands: [
      ...groundGuards(ground),
      'umask 022',
      ...inWords('mkdir -p --', open),
      ...inWords('chmod 0700 --', open),
      ...inWords('mkdir -p --', missing),
    ],
    ...(!ground.isMounted && { notes: [`after volume ${ground.volume?.name} is mounted`] }),
  }
}

function refused(paths: string[], { reason, hint }: { reason: string; hint: string }): Action {
  return {
    action: 'create',
    title: `create ${counted(paths.length)}`,
    commands: [],
    blocked: { severity: 'error', message: reason, hint },
  }
}

function misplaced(path: string, found: FoundDirectory | undefined, ground: Ground): Action[] {
  if (!found) return []
  const reason = found.isDirectory
    ? found.mount === (ground.path ?? found.mount)
      ? undefined
      : `${path} leads to ${found.mount}, expected a directory on ${ground.path}`
    : `${path} is no directory`
  if (!reason) return []
  const blocked: Finding = { severity: 'error', message: reason, hint: `look at it: ls -ld ${quote(path)}` }
  return [{ action: 'create', title: `create ${path}`, commands: [], blocked }]
}

// While the volume is closed, a pod would start on the plain directory below it.
function bareMountPoints(paths: string[], { volumes }: GroundOptions): Finding[] {
  return volumes
    .filter((volume) => paths.includes(volume.path))
    .map(({ name, path }) => ({
      severity: 'warning',
      message: `a PersistentVolume is the mount point ${path} of volume ${name} itself: it should be a directory inside`,
      hint: `mount volume ${name} at a folder above ${path}`,
    }))
}

function counted(count: number): string {
  return count === 1 ? '1 directory' : `${count} directories`
}

/** Words to a command, so many that every system takes them. */
const wordsAtOnce = 500

function inWords(command: string, paths: string[]): string[] {
  const lines: string[] = []
  for (let index = 0; index < paths.length; index += wordsAtOnce) {
    const words = paths.slice(index, index + wordsAtOnce).map(quote)
    lines.push(`${command} ${words.join(' ')}`)
  }
  return lines
}
