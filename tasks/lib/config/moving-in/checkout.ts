import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { type Finding, TaskError } from '../../cli/errors.ts'
import { didYouMean } from '../../cli/suggest.ts'

/** A file of the old toolkit: its path inside the checkout, and its text. */
export interface OldFile {
  path: string
  text: string
}

/** Reads from a checkout of the old toolkit; what is there and cannot be read becomes a finding. */
export interface Checkout {
  findings: Finding[]
  /** The file, or undefined where there is none. */
  file(path: string): OldFile | undefined
  /** Names in a folder, sorted; none where there is no such folder. */
  names(path: string): string[]
  isFolder(path: string): boolean
  /** Where a symbolic link points; undefined for anything else. */
  link(path: string): string | undefined
}

/** Opens DIR; a TaskError where it holds neither the Makefile's variables nor the playbooks. */
export function openCheckout(folder: string): Checkout {
  if (!isFolderAt(folder)) throw noFolder(folder)
  if (!existsSync(join(folder, 'k8s/Makefile.vars')) && !isFolderAt(join(folder, 'ansible'))) {
    throw noToolkit(folder)
  }
  const findings: Finding[] = []
  return {
    findings,
    file: (path) => readOldFile(folder, path, findings),
    names: (path) => (isFolderAt(join(folder, path)) ? readdirSync(join(folder, path)).sort() : []),
    isFolder: (path) => isFolderAt(join(folder, path)),
    link: (path) => linkAt(join(folder, path)),
  }
}

function readOldFile(folder: string, path: string, findings: Finding[]): OldFile | undefined {
  const full = join(folder, path)
  const target = linkAt(full)
  if (target !== undefined && !existsSync(full)) {
    const message = `${path} points to ${target}, which is not there: what it says is missing`
    const hint = `check out the repository that holds it, so that ${join(dirname(full), target)} is there`
    if (!findings.some((one) => one.message === message))
      findings.push({ severity: 'warning', message, hint })
    return undefined
  }
  if (!existsSync(full) || isFolderAt(full)) return undefined
  try {
    return { path, text: readFileSync(full, 'utf8').replace(/^\uFEFF/, '') }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    findings.push({
      severity: 'error',
      message: `${path} cannot be read: ${code}`,
      hint: `see ls -l ${full}`,
    })
    return undefined
  }
}

function noFolder(folder: string): TaskError {
  const parent = dirname(resolve(folder))
  const siblings = isFolderAt(parent) ? readdirSync(parent).map((name) => join(dirname(folder), name)) : []
  const hint = didYouMean(folder, siblings) ?? 'for example tasks init --from ~/docker-tools'
  return new TaskError(`--from ${folder}: there is no such folder`, { hint })
}

function noToolkit(folder: string): TaskError {
  const message = `--from ${folder}: neither k8s/Makefile.vars nor ansible/ is in it`
  const parent = dirname(resolve(folder))
  const isPart = ['k8s', 'ansible'].includes(basename(resolve(folder)))
  const hint = isPart ? `did you mean ${parent}?` : 'name the folder that holds the old k8s/ and ansible/'
  return new TaskError(message, { hint })
}

function isFolderAt(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function linkAt(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined
}
