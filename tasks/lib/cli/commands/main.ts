import { resolve } from 'node:path'
import { UsageError } from '../errors.ts'
import { findProjectRoot, packageInfo, packageRoot } from '../root.ts'
import { didYouMean } from '../suggest.ts'
import type { Task } from '../task.ts'
import { discoverTasks, taskName } from './discover.ts'
import { reportFailure } from './failure.ts'
import { globalOptionLines } from './help.ts'
import { taskList } from './list.ts'
import { loadTask } from './load.ts'
import { manifestNames } from './names.ts'
import { globalOptions, listOptions, spellings } from './options.ts'
import { resolveTask } from './resolve.ts'
import { runTask } from './run.ts'

/** Runs `tasks ARGV` and gives its exit code; whatever is thrown has been reported. */
export function main(argv: string[]): Promise<number> {
  return reporting(argv, () => dispatch(argv))
}

/** The same for a task file that node was started with: npx tsx tasks/install.ts ARGV. */
export function mainOfFile({ file, task }: { file: string; task: Task }, argv: string[]): Promise<number> {
  return reporting(argv, () => runTask({ name: nameOfFile(file), task }, argv))
}

async function reporting(argv: string[], work: () => Promise<number>): Promise<number> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe)
  process.once('uncaughtException', (error) => process.exit(reportFailure(error, argv)))
  try {
    return await work()
  } catch (error) {
    return reportFailure(error, argv)
  }
}

// A reader that went away (| head) must not cut changes off in the middle.
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
}

async function dispatch(argv: string[]): Promise<number> {
  const { name, before, after } = splitAtName(argv)
  if (before.includes('--version')) return say(`${packageInfo().version}\n`)
  if (name === undefined) return overview(before)
  if (name === 'help') return after[0] === undefined ? overview(['--help']) : runNamed([after[0]], ['--help'])
  if (name === 'completion' && after[0] === '--words') return candidates(after.slice(1))
  return runNamed([name, ...after], [...before, ...after])
}

// Options of every task may stand before the name: tasks --sandbox install.
function splitAtName(argv: string[]) {
  const options = listOptions(globalOptions).filter(({ definition }) => definition.type !== 'boolean')
  const takesNext = new Set(options.flatMap(spellings))
  let at = 0
  while (argv[at]?.startsWith('-') && argv[at] !== '--') at += takesNext.has(argv[at]!) ? 2 : 1
  return { before: argv.slice(0, at), name: argv[at], after: argv.slice(at + 1) }
}

function overview(options: string[]): number {
  const entries = discoverTasks(findProjectRoot(process.cwd()))
  if (options.includes('--help') || options.includes('-h')) {
    return say(`${taskList(entries)}\n${globalOptionLines().join('\n')}\n`)
  }
  const known = ['--version', ...listOptions(globalOptions).flatMap(spellings)]
  const unknown = options.find((option) => option.startsWith('-') && !known.includes(option.split('=')[0]!))
  if (unknown !== undefined) {
    const hint = didYouMean(unknown, known) ?? 'see tasks --help'
    throw new UsageError(`unknown option ${unknown}`, { hint })
  }
  if (!options.includes('--json')) return say(taskList(entries))
  const tasks = entries.map(({ name, group, summary }) => ({ name, group, summary }))
  return say(`${JSON.stringify(tasks, undefined, 2)}\n`)
}

async function candidates(words: string[]): Promise<number> {
  const { complete } = await import('./completion.ts')
  const lines = await complete(words, process.cwd())
  return say(lines.map((line) => `${line}\n`).join(''))
}

async function runNamed(words: [name: string, ...string[]], argv: string[]): Promise<number> {
  const root = findProjectRoot(process.cwd())
  const entry = resolveTask(words, { entries: discoverTasks(root), manifests: manifestNames(root) })
  return runTask({ name: entry.name, task: await loadTask(entry) }, argv)
}

function nameOfFile(file: string): string {
  const roots = [packageRoot(), findProjectRoot(process.cwd())].flatMap((root) => root ?? [])
  const folder = roots.map((root) => resolve(root, 'tasks')).find((parent) => file.startsWith(`${parent}/`))
  return taskName(folder === undefined ? file.replace(/^.*\//, '') : file.slice(folder.length + 1))
}

function say(text: string): number {
  process.stdout.write(text)
  return 0
}
