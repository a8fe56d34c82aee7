import { scryptSync } from 'node:crypto'
import type { ApiClient } from '../api/client.ts'
import type { ObjectSet } from '../api/run.ts'
import type { KubernetesObject, ManifestObject } from '../manifest/object.ts'
import { withPlainData } from './secret-data.ts'

/** On a workload: its pods are replaced when a Secret that they use changes. */
const rollAnnotation = 'metaltasks/roll-on-secrets'
/** On its pods: what the Secrets held. */
const checksumAnnotation = 'metaltasks/secrets-checksum'

interface Options {
  client: Pick<ApiClient, 'get' | 'namespace'>
  signal: AbortSignal
}

/**
 * The sets, with a checksum in the pod template of each workload that asks for it by `metaltasks/roll-on-secrets:
 * "true"`. A Secret counts as it will be after this run: from these sets, else as the cluster has it.
 */
export async function withSecretChecksums(sets: ObjectSet[], options: Options): Promise<ObjectSet[]> {
  if (!sets.some(({ objects }) => objects.some(wantsRolls))) return sets
  const checksum = checksums(sets, options)
  const change = async (set: ObjectSet): Promise<ObjectSet> => {
    const namespace = set.namespace ?? options.client.namespace
    const objects = set.objects.map((entry) =>
      wantsRolls(entry) ? rolled(entry, { namespace, checksum }) : entry,
    )
    return { ...set, objects: await Promise.all(objects) }
  }
  return Promise.all(sets.map(change))
}

function wantsRolls({ object }: ManifestObject): boolean {
  return object.metadata.annotations?.[rollAnnotation] === 'true' && podTemplate(object) !== undefined
}

type Checksum = (namespace: string, name: string) => Promise<string>

async function rolled(
  entry: ManifestObject,
  { namespace, checksum }: { namespace: string; checksum: Checksum },
): Promise<ManifestObject> {
  const object = structuredClone(entry.object)
  const template = podTemplate(object)!
  const place = object.metadata.namespace ?? namespace
  const parts = await Promise.all(secretNames(template.spec).map((name) => checksum(place, name)))
  template.metadata = {
    ...template.metadata,
    annotations: { ...template.metadata?.annotations, [checksumAnnotation]: parts.join('-') },
  }
  return { ...entry, object }
}

interface PodTemplate {
  metadata?: { annotations?: Record<string, string> }
  spec?: unknown
}

function podTemplate(object: KubernetesObject): PodTemplate | undefined {
  return (object as { spec?: { template?: PodTemplate } }).spec?.template
}

/** Names of the Secrets that a pod mounts or takes variables from, sorted. */
function secretNames(spec: unknown): string[] {
  const names = new Set<string>()
  const visit = (value: unknown, key: string): void => {
    if (Array.isArray(value)) for (const item of value) visit(item, key)
    else if (typeof value === 'object' && value !== null) {
      const { name, secretName } = value as { name?: unknown; secretName?: unknown }
      const used = ['secretRef', 'secretKeyRef', 'secret'].includes(key) ? (secretName ?? name) : undefined
      if (typeof used === 'string') names.add(used)
      for (const [inner, item] of Object.entries(value)) visit(item, inner)
    }
  }
  visit(spec, '')
  return [...names].sort()
}

function checksums(sets: ObjectSet[], { client, signal }: Options): Checksum {
  const coming = new Map<string, KubernetesObject>()
  for (const set of sets) {
    for (const { object } of set.objects
      .filter((entry) => entry.object.kind === 'Secret')
      .map(withPlainData)) {
      coming.set(
        `${object.metadata.namespace ?? set.namespace ?? client.namespace}/${object.metadata.name}`,
        object,
      )
    }
  }
  const known = new Map<string, Promise<string>>()
  const read = async (namespace: string, name: string) => {
    const ref = { apiVersion: 'v1', kind: 'Secret', namespace, name }
    const secret = coming.get(`${namespace}/${name}`) ?? (await client.get(ref, { signal }))
    return secret ? checksumOf(secret, `${namespace}/${name}`) : 'absent'
  }
  return (namespace, name) => {
    const id = `${namespace}/${name}`
    const reading = known.get(id) ?? read(namespace, name)
    known.set(id, reading)
    return reading
  }
}

// Whoever may read a workload need not be allowed to read its Secrets: the hash is slow to try values against, and
// with 32 bits so short that many values would fit.
function checksumOf(secret: KubernetesObject, salt: string): string {
  const entries = Object.entries((secret.data as Record<string, string> | undefined) ?? {})
  const text = JSON.stringify(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
  return scryptSync(text, salt, 4).toString('hex')
}
