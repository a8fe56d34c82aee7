import { findProjectRoot } from '../root.ts'
import type { ArgumentDefinition, Completion, Task } from '../task.ts'
import { discoverTasks, type TaskEntry } from './discover.ts'
import { loadTask } from './load.ts'
import { manifestNames, nodeNames } from './names.ts'
import { optionsOf, spellings } from './options.ts'
import { readTokens } from './tokens.ts'

/** What a word may become and, after a tab, what that means. No candidate at all: the shell offers files. */
type Candidate = readonly [text: string, meaning?: string]

/** The candidates for the last of the words after `tasks`, one a line; the scripts of all shells ask here. */
export async function complete(words: string[], cwd: string): Promise<string[]> {
  const root = findProjectRoot(cwd)
  const current = words.at(-1) ?? ''
  const found = await candidatesFor(words, { entries: discoverTasks(root), root })
  const matching = found.filter(([text]) => text.startsWith(current))
  return matching.map(([text, meaning]) => (meaning ? `${text}\t${meaning}` : text))
}

interface Project {
  entries: TaskEntry[]
  root: string | undefined
}

async function candidatesFor(words: string[], project: Project): Promise<Candidate[]> {
  const at = words.findIndex((word, index) => index < words.length - 1 && !word.startsWith('-'))
  if (at < 0) return taskCandidates(project)
  if (words[at] === 'help') return taskCandidates(project)
  const entry = project.entries.find(({ name }) => name === words[at])
  if (entry === undefined) return []
  return ofTask(await loadTask(entry), { words: words.slice(at + 1), project })
}

function taskCandidates({ entries }: Project): Candidate[] {
  return entries.map(({ name, summary }) => [name, summary])
}

function ofTask(task: Task, { words, project }: { words: string[]; project: Project }): Candidate[] {
  const current = words.at(-1) ?? ''
  const earlier = words.slice(0, -1)
  if (earlier.includes('--')) return []
  const value = optionValue(task, { earlier, current, project })
  if (value !== undefined) return value
  if (current.startsWith('-')) return optionCandidates(task)
  return argumentCandidates(task, { earlier, project })
}

interface Position {
  earlier: string[]
  current: string
  project: Project
}

// "-o <TAB>" and "--output=<TAB>"; undefined when the word is no value of an option.
function optionValue(task: Task, { earlier, current, project }: Position): Candidate[] | undefined {
  const [flag, text] = current.startsWith('--') ? current.split('=', 2) : []
  const asked = text === undefined ? earlier.at(-1) : flag
  const option = optionsOf(task).find((candidate) => spellings(candidate).includes(asked ?? ''))
  if (option === undefined || option.definition.type === 'boolean') return undefined
  const { choices, complete } = option.definition
  const values: Candidate[] = choices ? choices.map((choice) => [choice]) : named(complete, project)
  return text === undefined ? values : values.map(([value, meaning]) => [`${flag}=${value}`, meaning])
}

function optionCandidates(task: Task): Candidate[] {
  return optionsOf(task).map(({ flag, definition }) => [flag, definition.summary])
}

function argumentCandidates(task: Task, { earlier, project }: Omit<Position, 'current'>): Candidate[] {
  const given = readTokens(earlier, optionsOf(task)).words
  const definitions = Object.values<ArgumentDefinition>(task.arguments ?? {})
  const definition = definitions[given.length] ?? definitions.findLast(({ many }) => many)
  return named(definition?.complete, project).filter(([name]) => !given.includes(name))
}

function named(kind: Completion | undefined, { entries, root }: Project): Candidate[] {
  if (kind === 'tasks') return taskCandidates({ entries, root })
  if (kind === 'manifests') return manifestNames(root).map((name) => [name])
  if (kind === 'nodes') return root === undefined ? [] : nodeNames(root).map((name) => [name])
  return []
}
