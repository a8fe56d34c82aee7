import type { ApiClient } from '../api/client.ts'
import type { ObjectSet } from '../api/run.ts'
import type { KubernetesObject, ManifestObject } from '../manifest/object.ts'

const idLabel = 'volume.id'

interface Cluster {
  client: Pick<ApiClient, 'discovery' | 'list'>
  signal: AbortSignal
}

/**
 * PersistentVolumes that an earlier toolkit made, with ids of its own, are adopted as they are: a claim may be bound
 * to one by its labels, and most of a volume cannot be changed. They are kept when released, whatever they said.
 */
export async function asTheyAre(set: ObjectSet, { client, signal }: Cluster): Promise<ObjectSet> {
  const resource = (await client.discovery()).find('v1', 'PersistentVolume')
  if (!resource || set.objects.length === 0) return set
  const { items } = await client.list(resource, { signal })
  const live = new Map(items.map((volume) => [volume.metadata.name, volume]))
  const objects = set.objects.map((entry) => adopted(entry, live.get(entry.object.metadata.name)))
  return { ...set, objects }
}

function adopted(entry: ManifestObject, live: KubernetesObject | undefined): ManifestObject {
  const { object } = entry
  const id = live?.metadata.labels?.[idLabel]
  if (!live || !id || id === object.metadata.labels?.[idLabel]) return entry
  const own = Object.entries(live.metadata.labels ?? {}).filter(([key]) => key.startsWith('volume.'))
  const { claimRef: _, ...spec } = live.spec as Record<string, unknown>
  return {
    ...entry,
    object: {
      ...object,
      metadata: { ...object.metadata, labels: Object.fromEntries(own) },
      spec: { ...spec, persistentVolumeReclaimPolicy: 'Retain' },
    },
  }
}
