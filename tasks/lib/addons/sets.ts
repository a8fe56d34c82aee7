import type { ObjectSet } from '../api/run.ts'
import { type Finding, throwOnErrors, UsageError } from '../cli/errors.ts'
import type { Config } from '../config/model.ts'
import { exampleOf } from '../config/variables/variable-table.ts'
import { type FoundManifest, findManifests } from '../manifest/files.ts'
import { loadManifests } from '../manifest/manifest.ts'
import type { Mode } from '../manifest/mode.ts'
import type { KubernetesObject, ManifestObject } from '../manifest/object.ts'
import { validate } from '../manifest/validate.ts'
import { importedDefinitions } from '../manifest/validation/definitions.ts'
import { cachedObjects, type LoadedObjects } from './set-cache.ts'
import { headSetName, safeName, setName, sourceOf } from './set-name.ts'

export interface SetOptions {
  config: Config
  /** Absolute path of this package, whose manifests are found where the project has none of that name. */
  packageRoot: string
  /** --subst: for every file, whatever it says of itself. */
  mode?: Mode
  /** --set: one set of this name holds all of it. */
  set?: string
  /** Which program keeps the objects for its next run; the installed one unless a test says. */
  program?: string
  stdin?(): Promise<Uint8Array>
}

/** The objects of manifests that are named or lie at a path, checked; all errors of all of them in one. */
export async function namedSets(
  asked: string[],
  options: SetOptions,
): Promise<{ sets: ObjectSet[]; findings: Finding[] }> {
  const { config, packageRoot, stdin } = options
  const { manifests, findings } = await findManifests(asked, { root: config.root, packageRoot, stdin })
  const imports = await importedDefinitions({ root: config.root, packageRoot })
  const read = () => readObjects(manifests, { ...options, findings, imports })
  const loaded = cachedObjects(manifests, { ...options, imports, read })
  const sets = manifests.map((manifest, index) => setOf(manifest, loaded.objects[index]!, options))
  return {
    sets: options.set ? [oneSet(sets, options.set)] : refuseTwice(sets),
    findings: [...findings, ...loaded.findings],
  }
}

/** Reads and checks; what was found before is told together with what is wrong. */
function readObjects(
  manifests: FoundManifest[],
  {
    config,
    mode,
    imports,
    findings: before,
  }: SetOptions & { findings: Finding[]; imports: KubernetesObject[] },
): LoadedObjects {
  const { variables, environmentVariables: environment } = config
  const findings: Finding[] = []
  const objects = manifests.map(({ files }) => {
    const loaded = loadManifests(files, { variables, environment, mode, exampleOf })
    findings.push(...loaded.findings)
    return loaded.objects
  })
  // What could not be read as it was meant would only be found wrong once more.
  throwOnErrors([...before, ...findings])
  const { kubernetesVersion } = config.cluster
  const ownFiles = ownFilesOf(manifests)
  const ownNamespace = variables.get('K8S_NAMESPACE')?.value
  const checks = { kubernetesVersion, imports, ownFiles, ownNamespace }
  for (const finding of validate(objects.flat(), checks)) findings.push(finding)
  throwOnErrors([...before, ...findings])
  return { objects, findings }
}

function setOf(
  manifest: FoundManifest,
  objects: ManifestObject[],
  { config, packageRoot, set }: SetOptions,
): ObjectSet {
  const { variables, root } = config
  const source = sourceOf(manifest, { root, packageRoot })
  const name = set ?? headSetName(manifest, config) ?? setName(manifest.asked)
  // As the toolkit of old did: our own manifests go to the user's namespace where they name none.
  const isOurs = manifest.files.every(({ thirdParty }) => !thirdParty)
  const namespace = isOurs ? variables.get('K8S_NAMESPACE')?.value : undefined
  return { name, title: name, source, objects, namespace }
}

function oneSet(sets: ObjectSet[], asked: string): ObjectSet {
  const name = safeName(asked)
  if (name !== asked)
    throw new UsageError(`--set ${asked}: a set's name has lower-case letters, digits and "-"`, {
      hint: `for example --set ${name || 'web'}`,
    })
  const objects: ManifestObject[] = sets.flatMap((set) => set.objects)
  return {
    name,
    title: name,
    source: sets.map(({ source }) => source).join(', '),
    objects,
    namespace: sets[0]?.namespace,
  }
}

function refuseTwice(sets: ObjectSet[]): ObjectSet[] {
  const taken = new Map<string, ObjectSet>()
  for (const set of sets) {
    const other = taken.get(set.name)
    if (other)
      throw new UsageError(`${other.source} and ${set.source} would both be the set ${set.name}`, {
        hint: 'apply them one after the other, one of them with --set NAME',
      })
    taken.set(set.name, set)
  }
  return sets
}

function ownFilesOf(manifests: FoundManifest[]): Set<string> {
  return new Set(
    manifests.flatMap(({ files }) => files.filter(({ thirdParty }) => !thirdParty).map(({ path }) => path)),
  )
}
