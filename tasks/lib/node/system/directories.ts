import type { Place } from '../../cli/errors.ts'
import { TaskError } from '../../cli/errors.ts'
import { quoteAll } from '../../cli/process/quote.ts'
import type { Answer, Resource } from '../resource.ts'

export interface DirectoriesOptions {
  paths: readonly string[]
  /** "0755" */
  mode?: string
  /** "root:root" */
  owner?: string
  source?: Place
}

/** Directories of one mode and owner, as one resource: made and mended by one command, however many there are. */
export function directories({
  paths,
  mode = '0755',
  owner = 'root:root',
  source,
}: DirectoriesOptions): Resource {
  const [first, ...more] = paths
  return {
    target: more.length === 0 ? `directory ${first}` : `directories ${first} and ${more.length} more`,
    source,
    // The missing ones are what stat says on stderr: its exit code tells nothing.
    probe: `${quoteAll(['stat', '-L', '-c', '%a %U:%G %u:%g %F %n', '--', ...paths])} 2>/dev/null || :`,
    plan: (answer) => {
      const states = directoryStates(answer)
      const wrong = paths.filter((path) => !isWanted(states.get(path), { mode, owner }))
      if (wrong.length === 0) return { actions: [] }
      const before = wrong.flatMap((path) => states.get(path)?.line ?? [])
      const after = wrong.map((path) => lineOf(path, { mode, owner }))
      const missing = wrong.filter((path) => !states.has(path)).length
      const [user, group] = owner.split(':')
      const ownership = ['-o', user!, ...(group ? ['-g', group] : [])]
      const commands = [quoteAll(['install', '-d', '-m', mode, ...ownership, '--', ...wrong])]
      return {
        actions: [
          { action: missing > 0 ? 'create' : 'update', title: titleOf(wrong), before, after, commands },
        ],
      }
    },
  }
}

interface DirectoryState {
  line: string
  mode: string
  owners: string[]
}

function directoryStates({ stdout }: Answer): Map<string, DirectoryState> {
  const rows = stdout.split('\n').filter(Boolean)
  return new Map(
    rows.map((row) => {
      const match = /^(\d+) (\S+) (\S+) (.+?) (\/.*)$/.exec(row)
      if (!match) throw new TaskError(`what stat says is not understood: ${row}`)
      const [, mode, owner, ids, kind, path] = match as unknown as [string, ...string[]] & string[]
      if (kind !== 'directory') throw new TaskError(`${path} is a ${kind}, not a directory`)
      const padded = mode!.padStart(4, '0')
      return [
        path!,
        { mode: padded, owners: [owner!, ids!], line: lineOf(path!, { mode: padded, owner: owner! }) },
      ]
    }),
  )
}

function isWanted(
  state: DirectoryState | undefined,
  { mode, owner }: { mode: string; owner: string },
): boolean {
  return (
    state !== undefined &&
    Number.parseInt(state.mode, 8) === Number.parseInt(mode, 8) &&
    state.owners.includes(owner)
  )
}

function lineOf(path: string, { mode, owner }: { mode: string; owner: string }): string {
  return `${mode} ${owner} ${path}`
}

function titleOf(wrong: readonly string[]): string {
  return wrong.length === 1 ? `make directory ${wrong[0]}` : `make ${wrong.length} directories`
}
