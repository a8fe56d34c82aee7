import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { isStale } from '../cli/commands/freshness.ts'
import { installHint } from '../cli/process/install-hints.ts'
import type { Result } from './result.ts'

/** What of this machine is looked at. */
export interface Machine {
  /** PATH of the environment. */
  path: string
  nodeVersion: string
  /** The folder of this package. */
  packageRoot: string
  now: Date
}

/** The machine: node, packages, programs that people and tasks use, the clock. */
export function machineResults(machine: Machine): Result[] {
  return [
    nodeResult(machine.nodeVersion),
    packagesResult(machine.packageRoot),
    ...bundleResults(machine.packageRoot),
    programResult('git', { ...machine, purpose: 'the project is kept in it' }),
    programResult('ssh', { ...machine, purpose: 'machines are reached by it' }),
    clockResult(machine),
  ]
}

const leastNode = [20, 19]

/** Node, new enough or not. */
export function nodeResult(version: string): Result {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  const [leastMajor, leastMinor] = leastNode as [number, number]
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) {
    return { name: 'node', state: 'good', detail: version }
  }
  return {
    name: 'node',
    state: 'missing',
    detail: `${version} is older than ${leastNode.join('.')}`,
    hint: 'install a newer one: see nodejs.org/en/download',
  }
}

/** The npm packages that package.json asks for. */
export function packagesResult(packageRoot: string): Result {
  const { dependencies = {} } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'))
  const names = Object.keys(dependencies)
  const missing = names.filter((name) => !isInstalled(name, packageRoot))
  if (missing.length === 0)
    return { name: 'npm packages', state: 'good', detail: `all ${names.length} are here` }
  const detail = `not installed: ${missing.join(', ')}`
  return { name: 'npm packages', state: 'missing', detail, hint: `cd ${packageRoot} && npm ci` }
}

function isInstalled(name: string, from: string): boolean {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'node_modules', name, 'package.json'))) return true
    if (folder === dirname(folder)) return false
  }
}

/** The built program of a clone; nothing where there is none, as in the sources and in the npm package. */
export function bundleResults(packageRoot: string): Result[] {
  const hasBoth = ['dist/tasks.js', 'tasks/index.ts'].every((file) => existsSync(join(packageRoot, file)))
  if (!hasBoth) return []
  if (!isStale(packageRoot))
    return [{ name: 'built program', state: 'good', detail: 'newer than its sources' }]
  return [
    {
      name: 'built program',
      state: 'warning',
      detail: 'older than its sources, so every start takes a second longer',
      hint: `cd ${packageRoot} && npm run build`,
    },
  ]
}

/** A program that is worth having: good with its path, else a warning. */
export function programResult(name: string, { path, purpose }: { path: string; purpose: string }): Result {
  const file = findOnPath(name, path)
  if (file !== undefined) return { name, state: 'good', detail: file }
  return { name, state: 'warning', detail: `not on PATH: ${purpose}`, hint: installHint(name) }
}

/** Where a shell would find a program. */
export function findOnPath(name: string, path: string): string | undefined {
  const files = name.includes('/')
    ? [name]
    : path
        .split(delimiter)
        .filter(Boolean)
        .map((folder) => join(folder, name))
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK)
      return statSync(file).isFile()
    } catch {
      return false
    }
  })
}

/** A clock that is behind what happened already makes every new certificate "not yet valid". */
export function clockResult({ now, packageRoot }: Pick<Machine, 'now' | 'packageRoot'>): Result {
  const written = statSync(join(packageRoot, 'package.json')).mtime
  if (now.getTime() >= written.getTime() - 60_000) {
    return { name: 'clock', state: 'good', detail: now.toISOString().replace(/\.\d+/, '') }
  }
  return {
    name: 'clock',
    state: 'missing',
    detail: `it says ${now.toISOString()}, but this package was written at ${written.toISOString()}`,
    hint: 'set it: timedatectl set-ntp true',
  }
}
