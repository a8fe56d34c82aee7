import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { TaskError } from '../../cli/errors.ts'
import type { Output } from '../../cli/output.ts'
import { keyPlaces } from '../../secrets/keys/places.ts'
import type { ClusterScene } from '../cluster.ts'
import { fetchKnown } from './backup-list.ts'
import { type OpenedSet, openSet } from './opened-set.ts'

/** The set that was named: a file of this machine, a name that a place has, or "latest". Opened in memory. */
export async function chosenSet(
  name: string,
  { scene, output }: { scene: ClusterScene; output: Pick<Output, 'live'> },
): Promise<OpenedSet> {
  const places = keyPlaces({ publicKeys: [scene.project.keysFolder], signal: scene.signal })
  const isFile = name.includes('/') || name.endsWith('.age')
  if (isFile) return openSet(await bytesOf(name), { title: basename(name), places })
  return output.live(`fetch ${name}`, async (say) => {
    const { set, bytes } = await fetchKnown(name, scene)
    say(`open ${set.name}`)
    return openSet(bytes, { title: set.name, places })
  })
}

async function bytesOf(file: string): Promise<Buffer> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'ENOENT' ? 'there is no such file' : `it cannot be read: ${error.code}`
    throw new TaskError(`${file}: ${reason}`, { hint: 'tasks etcd:backups lists those in all places' })
  })
}
