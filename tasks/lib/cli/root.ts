import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TaskError } from './errors.ts'

/** What package.json says of this package, as far as anybody here asks. */
export interface PackageInfo {
  name: string
  version: string
  bugs?: string | { url?: string; email?: string }
}

const projectMarks = ['cluster.yaml', '.env', 'manifests']
let foundPackageRoot: string | undefined

/**
 * The folder of this package, with manifests/ and package.json: the same from the sources and from the bundle.
 */
export function packageRoot(): string {
  foundPackageRoot ??= nearest(dirname(fileURLToPath(import.meta.url)), isPackageRoot)
  if (foundPackageRoot === undefined) throw new Error('the package.json of metaltasks is missing')
  return foundPackageRoot
}

/** package.json of this package. */
export function packageInfo(): PackageInfo {
  return JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'))
}

/** The project's root, or a TaskError that says how to start one. */
export function projectRoot(cwd: string): string {
  const root = findProjectRoot(cwd)
  if (root !== undefined) return root
  throw new TaskError(`no project here: ${cwd} and its parents have no cluster.yaml, .env or manifests/`, {
    hint: 'start one with tasks init, or go to the folder of your project',
  })
}

/** The nearest parent with cluster.yaml, .env or manifests/; inside this package, the package; else undefined. */
export function findProjectRoot(cwd: string): string | undefined {
  const root = nearest(cwd, (folder) => projectMarks.some((mark) => existsSync(join(folder, mark))))
  if (root !== undefined) return root
  return relative(packageRoot(), cwd).startsWith('..') ? undefined : packageRoot()
}

function nearest(from: string, holds: (folder: string) => boolean): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    if (holds(folder)) return folder
    if (folder === dirname(folder)) return undefined
  }
}

function isPackageRoot(folder: string): boolean {
  const file = join(folder, 'package.json')
  return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).name === 'metaltasks'
}
