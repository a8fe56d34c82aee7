import { pathToFileURL } from 'node:url'
import { TaskError } from '../errors.ts'
import type { Task } from '../task.ts'
import { isBundled, type TaskEntry } from './discover.ts'

/** Loads a task's module and gives what it default-exports. */
export async function loadTask(entry: TaskEntry): Promise<Task> {
  const module = entry.from === 'project' ? await loadOfProject(entry) : await loadFile(entry.file)
  // In a project without "type": "module" the file is loaded as CommonJS, its exports one level deeper.
  const task = [module.default, (module.default as Module | undefined)?.default].find(isTask)
  if (task !== undefined) return task
  throw new TaskError(`${entry.file} exports no task`, {
    hint: 'end it with export default defineTask(import.meta, { … })',
  })
}

type Module = { default?: unknown }

function loadFile(file: string): Promise<Module> {
  return import(pathToFileURL(file).href)
}

// A mistake in the project's own file is the operator's to mend, so it is no bug of ours.
async function loadOfProject({ file }: TaskEntry): Promise<Module> {
  try {
    return isBundled ? await loadTypeScript(file) : await loadFile(file)
  } catch (cause) {
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
    const isUninstalled = /Cannot find (package|module) 'metaltasks/.test(reason)
    const hint = isUninstalled ? 'npm install --save-dev metaltasks' : `try npx tsx ${file} --help`
    throw new TaskError(`${file} cannot be loaded: ${reason.split('\n')[0]}`, { cause, hint })
  }
}

// The bundle runs without a loader for .ts; the sources already run under one. Both ways to load, as a project without
// "type": "module" has CommonJS; a stack then names the lines that were written.
async function loadTypeScript(file: string): Promise<Module> {
  const [modules, commonJs] = await Promise.all([import('tsx/esm/api'), import('tsx/cjs/api')])
  modules.register()
  commonJs.register()
  return loadFile(file)
}

function isTask(value: unknown): value is Task {
  if (typeof value !== 'object' || value === null) return false
  return ['run', 'plan'].some((key) => typeof (value as Record<string, unknown>)[key] === 'function')
}
