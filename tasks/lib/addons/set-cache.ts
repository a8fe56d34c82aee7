import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isBundled } from '../cli/commands/discover.ts'
import type { Finding } from '../cli/errors.ts'
import { redact } from '../cli/redact.ts'
import { packageInfo, packageRoot } from '../cli/root.ts'
import type { Config } from '../config/model.ts'
import type { FoundManifest } from '../manifest/files.ts'
import { parseJson, stringifyJson } from '../manifest/json.ts'
import type { Mode } from '../manifest/mode.ts'
import type { KubernetesObject, ManifestObject } from '../manifest/object.ts'

/** The objects of each manifest, in their order, with what there is to say about all of them; errors were thrown. */
export interface LoadedObjects {
  objects: ManifestObject[][]
  findings: Finding[]
}

export interface CacheOptions {
  config: Config
  mode?: Mode
  /** CustomResourceDefinitions that the objects are checked against besides. */
  imports?: KubernetesObject[]
  /** What tells this program from any other that would read the same text differently; undefined: nothing is kept. */
  program?: string
  /** Reads and checks the manifests. */
  read(): LoadedObjects
}

/**
 * The objects as the run before read them, where text, variables and program are the same; else as read() gives them.
 * One file of .tasks/cache for each list of manifests that is asked for. It may be deleted at any time.
 */
export function cachedObjects(manifests: FoundManifest[], options: CacheOptions): LoadedObjects {
  const { config, read, program = installedProgram() } = options
  const key = program && cacheKey(manifests, { ...options, program })
  if (!key) return read()
  const name = digest(stringifyJson([manifests.map(({ asked }) => asked), options.mode ?? '']))
  const file = join(config.root, '.tasks', 'cache', `${name.slice(0, 32)}.json`)
  const kept = readEntry(file, key)
  if (kept) return withPlaces(kept, read)
  const loaded = read()
  writeEntry(file, { key, loaded })
  return loaded
}

// The bundle's time: a clone is built many times in one version. Sources may change without a build, so they keep nothing.
function installedProgram(): string | undefined {
  if (!isBundled) return undefined
  const { mtimeMs } = statSync(join(packageRoot(), 'dist', 'tasks.js'))
  return `${packageInfo().version} ${mtimeMs}`
}

/** Everything that the objects depend on, as one digest; undefined where a secret value would have a part in them. */
function cacheKey(
  manifests: FoundManifest[],
  { config, mode, imports, program }: CacheOptions & { program: string },
): string | undefined {
  const files = manifests.flatMap(({ files }) => files)
  const values = files.flatMap(({ text }) => namesIn(text)).map((name) => valuesOf(name, config))
  if (values.flat().some((variable) => variable?.secret)) return undefined
  const texts = manifests.map(({ asked, files }) => [asked, files])
  const target = [
    config.cluster.kubernetesVersion,
    config.variables.get('K8S_NAMESPACE')?.value,
    imports ?? [],
  ]
  return digest(stringifyJson([program, mode ?? '', target, texts, values]))
}

function namesIn(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(/\$\{?([A-Za-z_]\w*)/g), ([, name]) => name!))]
}

function valuesOf(name: string, { variables, environmentVariables }: Config) {
  return [variables.get(name) ?? null, environmentVariables.get(name) ?? null]
}

type Entry = { objects: Omit<ManifestObject, 'placeOf'>[][]; findings: Finding[] }

// Missing, of another text, cut off or edited: all the same, it is read anew.
function readEntry(file: string, key: string): Entry | undefined {
  try {
    const [keptKey, sum, body = ''] = readFileSync(file, 'utf8').split('\n')
    return keptKey === key && sum === digest(body) ? parseJson<Entry>(body) : undefined
  } catch {
    return undefined
  }
}

// Somebody asks for a place only when there is an error to show.
function withPlaces({ objects, findings }: Entry, read: () => LoadedObjects): LoadedObjects {
  let again: ManifestObject[][] | undefined
  const placeOf = (set: number, index: number) => (path: string) => {
    again ??= read().objects
    return again[set]![index]!.placeOf(path)
  }
  return {
    objects: objects.map((members, set) =>
      members.map((member, index) => ({ ...member, placeOf: placeOf(set, index) })),
    ),
    findings,
  }
}

// Secrets are not put on disk. That nothing can be kept costs the next run its time and nothing else.
function writeEntry(file: string, { key, loaded }: { key: string; loaded: LoadedObjects }): void {
  if (loaded.objects.flat().some(({ object }) => object.kind === 'Secret')) return
  try {
    const body = stringifyJson(loaded)
    if (redact(body) !== body) return
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const temporary = `${file}.${process.pid}`
    writeFileSync(temporary, `${key}\n${digest(body)}\n${body}`, { mode: 0o600 })
    renameSync(temporary, file)
  } catch {
    return
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
