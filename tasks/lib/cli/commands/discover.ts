import { type Dirent, readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { packageRoot } from '../root.ts'
import { type Header, readHeader } from './header.ts'

/** A task as far as it is known before its module is loaded. */
export interface TaskEntry extends Header {
  name: string
  /** The module to load, absolute. */
  file: string
  from: 'package' | 'project'
}

/** One line of the table that the build writes into the bundle. */
export type BundledTask = Header & { name: string }

// Replaced at build time; the sources have no such table and read the files.
declare const BUNDLED_TASKS: BundledTask[] | undefined

const bundledTasks = typeof BUNDLED_TASKS === 'undefined' ? undefined : BUNDLED_TASKS

/** True in dist/, false when the sources run through tsx. */
export const isBundled = bundledTasks !== undefined

/** All tasks by name: the project's own files win over the package's of the same name. */
export function discoverTasks(root: string | undefined): TaskEntry[] {
  const own = root === undefined || root === packageRoot() ? [] : readTasks(join(root, 'tasks'), 'project')
  const names = new Set(own.map((entry) => entry.name))
  const others = packageTasks().filter((entry) => !names.has(entry.name))
  return [...own, ...others].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The tasks in a folder: every .ts file but index.ts and lib/. A missing folder has none. */
export function readTasks(folder: string, from: TaskEntry['from']): TaskEntry[] {
  return taskFiles(folder).map((path) => {
    const file = join(folder, path)
    return { ...readHeader(readFileSync(file, 'utf8')), name: taskName(path), file, from }
  })
}

/** "secrets/new.ts", relative to its tasks/ folder, is secrets:new. */
export function taskName(path: string): string {
  return path.replace(/\.ts$/, '').split(sep).join(':')
}

/** Where the build puts a task, relative to dist/. */
export function bundledFile(name: string): string {
  return `${join('tasks', ...name.split(':'))}.js`
}

function packageTasks(): TaskEntry[] {
  if (bundledTasks === undefined) return readTasks(join(packageRoot(), 'tasks'), 'package')
  const folder = join(packageRoot(), 'dist')
  return bundledTasks.map((task) => ({
    ...task,
    file: join(folder, bundledFile(task.name)),
    from: 'package',
  }))
}

function taskFiles(folder: string, inside = ''): string[] {
  return entries(join(folder, inside)).flatMap((entry) => {
    const path = join(inside, entry.name)
    if (entry.name.startsWith('.') || entry.name === 'node_modules' || path === 'lib') return []
    if (entry.isDirectory()) return taskFiles(folder, path)
    return isTaskFile(path) ? [path] : []
  })
}

function isTaskFile(path: string): boolean {
  return path.endsWith('.ts') && !/\.(d|test)\.ts$/.test(path) && path !== 'index.ts'
}

function entries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}
