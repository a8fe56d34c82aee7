import type { TaskEntry } from './discover.ts'

// The order in which an operator meets them; a group that a project made up comes after these.
const order = ['start', 'manifests', 'secrets', 'nodes', 'volumes', 'cluster', 'sandbox']

/** What a bare `tasks` prints: every task by group with its summary. */
export function taskList(entries: TaskEntry[]): string {
  const width = Math.max(0, ...entries.map(({ name }) => name.length))
  const sections = byGroup(entries).map(([group, members]) => {
    const lines = members.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary ?? ''}`.trimEnd())
    return [group, ...lines].join('\n')
  })
  return `${['usage: tasks NAME [ARGUMENTS] [OPTIONS]', ...sections, 'more: tasks NAME --help'].join('\n\n')}\n`
}

function byGroup(entries: TaskEntry[]): [group: string, members: TaskEntry[]][] {
  const found = new Map<string, TaskEntry[]>(order.map((group) => [group, []]))
  for (const entry of entries) {
    const group = entry.group ?? 'project'
    found.set(group, [...(found.get(group) ?? []), entry])
  }
  return [...found].filter(([, members]) => members.length > 0)
}
