import { readFile, stat } from 'node:fs/promises'
import { basename, join, relative, resolve, sep } from 'node:path'
import { type Finding, TaskError, throwOnErrors } from '../cli/errors.ts'
import { suggest } from '../cli/suggest.ts'
import { listManifests, manifestNames } from './build/folders.ts'
import type { ManifestFile } from './mode.ts'

/** What was asked for, with the files behind it. */
export interface FoundManifest {
  /** As it was typed: a name, a path, or "-". */
  asked: string
  /** A short name for messages and sets: "web" for web, manifests/web.yaml and upstream/web. */
  name: string
  files: ManifestFile[]
}

/** Where to look, and how to read "-". */
export interface FindOptions {
  /** Absolute path of the project root. */
  root: string
  /** Absolute path of this package: its manifests are found where the project has none of that name. */
  packageRoot: string
  /** Paths are relative to it. */
  cwd?: string
  stdin?(): Promise<Uint8Array>
}

/**
 * Finds and reads manifests: NAME is manifests/NAME.yaml or .yml of the project, else of the package; anything else is
 * the path of a file or of a folder, which is read with all folders below it. This is the room's one reader of disk.
 */
export async function findManifests(
  asked: string[],
  options: FindOptions,
): Promise<{ manifests: FoundManifest[]; findings: Finding[] }> {
  const manifests: FoundManifest[] = []
  const findings: Finding[] = []
  for (const name of asked) {
    try {
      const { files, notes } = await findOne(name, options)
      manifests.push({ asked: name, name: shortName(name), files })
      findings.push(...notes)
    } catch (error) {
      if (!(error instanceof TaskError)) throw error
      findings.push(...error.findings)
    }
  }
  throwOnErrors(findings)
  return { manifests, findings }
}

interface Found {
  files: ManifestFile[]
  notes: Finding[]
}

async function findOne(name: string, options: FindOptions): Promise<Found> {
  if (name === '-') return { files: [await readStdin(options)], notes: [] }
  const named = await namedFile(name, options)
  if (named) return { files: [await readManifest(named, options)], notes: [] }
  const path = resolve(options.cwd ?? process.cwd(), name)
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory()) return readFolder(path, options)
  if (found) return { files: [await readManifest(path, options)], notes: [] }
  throw await notFound(name, options)
}

/** The file of a name; a path that exists wins over a name that looks the same. */
async function namedFile(
  name: string,
  { root, packageRoot, cwd = process.cwd() }: FindOptions,
): Promise<string | undefined> {
  const looksLikePath = name.includes('/') || name.includes(sep) || /\.(ya?ml|json)$/.test(name)
  if (looksLikePath && (await stat(resolve(cwd, name)).catch(() => undefined))) return undefined
  for (const folder of [root, packageRoot]) {
    for (const ending of ['yaml', 'yml']) {
      const file = join(folder, 'manifests', `${name}.${ending}`)
      if ((await stat(file).catch(() => undefined))?.isFile()) return file
    }
  }
  return undefined
}

async function readFolder(folder: string, options: FindOptions): Promise<Found> {
  const { files, leftOut } = await listManifests(folder)
  const notes = leftOut.map((file): Finding => {
    const hint = 'kustomize builds what it describes; the files beside it are read as they are'
    return {
      severity: 'note',
      message: 'left out: it holds no objects',
      hint,
      file: shownPath(file, options),
    }
  })
  if (files.length === 0) {
    const hint = 'name a folder with *.yaml, *.yml or *.json in it'
    throw new TaskError(`no manifests in ${shownPath(folder, options)}`, { hint })
  }
  return { files: await Promise.all(files.map((file) => readManifest(file, options))), notes }
}

async function readManifest(path: string, options: FindOptions): Promise<ManifestFile> {
  const file = shownPath(path, options)
  const bytes = await readFile(path).catch((error) => {
    throw new TaskError(`cannot be read: ${error.code ?? error.message}`, { file, hint: `see ls -l ${file}` })
  })
  return { path: file, text: decode(bytes, file), thirdParty: isThirdParty(path, options) }
}

async function readStdin({ stdin }: FindOptions): Promise<ManifestFile> {
  if (!stdin) throw new TaskError('no standard input here', { hint: 'name a manifest or a file' })
  return { path: 'stdin', text: decode(await stdin(), 'stdin'), thirdParty: true }
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new TaskError('not UTF-8 text', { file, hint: `see file ${file}` })
  }
}

// Ours: what the project has outside manifests/imports, and the package's own manifests.
function isThirdParty(path: string, { root, packageRoot }: FindOptions): boolean {
  const isUnder = (folder: string) => !relative(folder, path).startsWith('..')
  if (isUnder(join(root, 'manifests', 'imports'))) return true
  if (isUnder(join(packageRoot, 'manifests', 'imports'))) return true
  return !isUnder(root) && !isUnder(join(packageRoot, 'manifests'))
}

/** The path as the operator would type it here. */
function shownPath(path: string, { cwd = process.cwd() }: FindOptions): string {
  const near = relative(cwd, path)
  return near === '' ? '.' : near.startsWith(`..${sep}..`) ? path : near
}

function shortName(asked: string): string {
  return basename(asked).replace(/\.(ya?ml|json)$/, '')
}

async function notFound(name: string, options: FindOptions): Promise<TaskError> {
  const names = await manifestNames([options.root, options.packageRoot])
  const meant = suggest(shortName(name), names)
  const list = names.length > 0 ? `there are ${names.join(', ')}` : 'manifests/ is empty'
  const hint = meant ? `did you mean ${meant}?` : `name a file, a folder or a manifest; ${list}`
  return new TaskError(`no manifest or file ${name}`, { hint })
}
