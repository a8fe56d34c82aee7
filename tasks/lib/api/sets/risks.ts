import { type KubernetesObject, objectTitle } from '../../manifest/object.ts'
import type { Risk } from '../apply/remove-change.ts'
import { isNotFound } from '../errors.ts'
import { groupKindOf } from '../objects/identity.ts'
import type { Observed } from '../objects/observed.ts'
import type { Resource } from '../resource.ts'
import type { Run } from '../run.ts'

/**
 * What would be deleted along with namespaces and CustomResourceDefinitions and is not deleted by name. Such a
 * deletion is blocked, until `confirmed` says that the set's name was typed.
 */
export async function risksOf(
  run: Run,
  { objects, set, confirmed }: { objects: KubernetesObject[]; set: string; confirmed?: boolean },
): Promise<Map<KubernetesObject, Risk>> {
  // What was served when the run began may be outdated, and here it counts.
  if (objects.some(({ kind }) => kind === 'Namespace')) await (await run.client.discovery()).refresh()
  const doomed = new Set(objects.map(({ metadata }) => metadata.uid))
  const risks = new Map<KubernetesObject, Risk>()
  for (const live of objects) {
    const inside = (await contentsIn(run, live)).filter(({ metadata }) => !doomed.has(metadata.uid))
    const claims = inside.filter(isVolume)
    if (claims.length > 0 && !run.options.includeVolumes)
      risks.set(live, { blocked: { severity: 'error', message: volumeText(live, claims), hint: volumeHint } })
    else if (inside.length > 0) risks.set(live, strangerRisk(live, { inside, set, confirmed }))
  }
  return risks
}

const volumeHint = 'save the data, delete the claims, or add --include-volumes'

function volumeText(live: KubernetesObject, claims: KubernetesObject[]): string {
  return `${objectTitle(live)} holds volumes: ${names(claims)}`
}

function strangerRisk(
  live: KubernetesObject,
  { inside, set, confirmed }: { inside: KubernetesObject[]; set: string; confirmed?: boolean },
): Risk {
  const text = `${objectTitle(live)} holds what is not deleted by name: ${names(inside)}`
  if (confirmed) return { notes: [text] }
  return {
    blocked: { severity: 'error', message: text, hint: `move it, delete it first, or add --confirm ${set}` },
  }
}

function names(objects: KubernetesObject[]): string {
  const titles = objects.slice(0, 5).map((object) => objectTitle(object))
  return titles.join(', ') + (objects.length > 5 ? ` and ${objects.length - 5} more` : '')
}

async function contentsIn(run: Run, live: KubernetesObject): Promise<KubernetesObject[]> {
  const groupKind = groupKindOf(live)
  if (groupKind === 'Namespace')
    return inNamespace(run, { namespace: live.metadata.name, all: (await run.client.discovery()).all() })
  if (groupKind !== 'CustomResourceDefinition.apiextensions.k8s.io') return []
  return listNames(run, { resource: definedResource(live) })
}

// From the definition itself: what is served is discovered a moment late.
function definedResource({ spec = {} }: Observed): Resource {
  const versions: { name: string; served?: boolean }[] = spec.versions ?? []
  return {
    group: spec.group,
    version: versions.find(({ served }) => served)?.name ?? '',
    kind: spec.names?.kind,
    name: spec.names?.plural,
    namespaced: spec.scope === 'Namespaced',
    verbs: [],
    shortNames: [],
  }
}

async function inNamespace(
  run: Run,
  { namespace, all }: { namespace: string; all: Resource[] },
): Promise<KubernetesObject[]> {
  const seen = new Set<string>()
  const kinds = all.filter(({ namespaced, verbs, group, name }) => {
    const isNew = !seen.has(`${group}/${name}`)
    seen.add(`${group}/${name}`)
    return isNew && namespaced && verbs.includes('list') && verbs.includes('delete') && !made.has(name)
  })
  const lists = await Promise.all(kinds.map((resource) => listNames(run, { resource, namespace })))
  return lists.flat().filter((object) => isVolume(object) || !isMadeByCluster(object))
}

/** The objects of a kind, in one namespace or all; none where the kind has gone since it was discovered. */
async function listNames(
  { client, options }: Run,
  { resource, namespace }: { resource: Resource; namespace?: string },
): Promise<KubernetesObject[]> {
  try {
    return (await client.list(resource, { namespace, metadataOnly: true, signal: options.signal })).items
  } catch (error) {
    if (isNotFound(error)) return []
    throw error
  }
}

// What controllers write about other objects.
const made = new Set(['events', 'endpoints', 'endpointslices', 'leases', 'controllerrevisions'])

function isVolume(object: KubernetesObject): boolean {
  return groupKindOf(object) === 'PersistentVolumeClaim'
}

// What belongs to another object goes and comes with it.
function isMadeByCluster({ kind, metadata }: KubernetesObject): boolean {
  return (
    metadata.ownerReferences !== undefined ||
    (kind === 'ConfigMap' && metadata.name === 'kube-root-ca.crt') ||
    (kind === 'ServiceAccount' && metadata.name === 'default')
  )
}
