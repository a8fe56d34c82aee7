import { UsageError } from '../errors.ts'
import { suggest } from '../suggest.ts'
import type { TaskEntry } from './discover.ts'

/** What a typed name may mean. */
export interface Names {
  entries: TaskEntry[]
  /** Manifests of project and package: web for manifests/web.yaml. */
  manifests: string[]
}

/** The task of that name; else a UsageError that asks for the one that was meant. */
export function resolveTask(words: [name: string, ...string[]], names: Names): TaskEntry {
  const [name] = words
  const found = names.entries.find((entry) => entry.name === name)
  if (found !== undefined) return found
  const meant = meaning(words, names)
  const hint = meant === undefined ? 'tasks lists them all' : `did you mean tasks ${meant}?`
  throw new UsageError(`there is no task ${name}`, { hint })
}

// The surest reading first: a habit, then a manifest, then the rest of a name, then a typing error.
function meaning(
  [name, next]: [name: string, ...string[]],
  { entries, manifests }: Names,
): string | undefined {
  const taskNames = entries.map((entry) => entry.name)
  const modern = modernName(name)
  if (taskNames.includes(modern)) return modern
  const renamed = entries.find((entry) => entry.oldNames.includes(name) || entry.oldNames.includes(modern))
  if (renamed !== undefined) return renamed.name
  if (manifests.includes(name)) return `apply ${name}`
  if (next !== undefined && taskNames.includes(`${modern}:${next}`)) return `${modern}:${next}`
  const members = taskNames.filter((task) => task.startsWith(`${modern}:`))
  if (members.length > 0) return members.join(', tasks ')
  return nearest(modern, { entries, manifests })
}

/** persistent_dirs is persistent-dirs, secrets/new is secrets:new, tasks/install.ts is install. */
function modernName(typed: string): string {
  const path = typed.replace(/^(\.\/)?tasks\//, '').replace(/\.ts$/, '')
  return path.replaceAll('_', '-').replaceAll('/', ':')
}

function nearest(name: string, { entries, manifests }: Names): string | undefined {
  const task = suggest(
    name,
    entries.map((entry) => entry.name),
  )
  if (task !== undefined) return task
  const oldNames = entries.flatMap((entry) => entry.oldNames)
  const oldName = suggest(name, oldNames.map(modernName))
  const renamed = entries.find((entry) => entry.oldNames.some((old) => modernName(old) === oldName))
  if (oldName !== undefined && renamed !== undefined) return renamed.name
  const manifest = suggest(name, manifests)
  return manifest === undefined ? undefined : `apply ${manifest}`
}
