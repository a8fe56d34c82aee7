import { setTimeout as sleep } from 'node:timers/promises'
import { isNotFound } from '../../tasks/lib/api/errors.ts'
import { parentName, parentNamespace } from '../../tasks/lib/api/sets/applyset.ts'
import type { KubernetesObject } from '../../tasks/lib/manifest/object.ts'
import type { Server } from './lab.ts'

/** Takes the volumes of a group and the record of its set away, and waits until the server holds none of them. */
export async function removeVolumes(server: Server, group: string): Promise<void> {
  const { client } = server
  await client.request('DELETE', path, { query: { labelSelector: `volume.group=${group}` } })
  const record = `/api/v1/namespaces/${parentNamespace}/secrets/${parentName(group)}`
  await client.request('DELETE', record).catch((error) => {
    if (!isNotFound(error)) throw error
  })
  while ((await volumesOf(server, group)).length > 0) await sleep(200)
}

/** Waits until the controllers are done with all volumes of a group: they would work while the next run does. */
export async function settle(server: Server, group: string): Promise<void> {
  while ((await volumesOf(server, group)).some(({ status }) => status?.phase !== 'Available'))
    await sleep(200)
}

async function volumesOf({ client }: Server, group: string): Promise<Volume[]> {
  const query = { labelSelector: `volume.group=${group}` }
  return (await client.request<{ items: Volume[] }>('GET', path, { query })).items
}

type Volume = KubernetesObject & { status?: { phase?: string } }

const path = '/api/v1/persistentvolumes'
