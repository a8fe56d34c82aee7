import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ObjectSet } from '../api/run.ts'
import type { Finding } from '../cli/errors.ts'
import { packageRoot } from '../cli/root.ts'
import type { Config } from '../config/model.ts'
import { namedSets } from './sets.ts'

/** Paths of volumes/*.yaml of a project, sorted. */
export async function remoteVolumeFiles(root: string): Promise<string[]> {
  const folder = join(root, 'volumes')
  const names = await readdir(folder).catch(() => [])
  return names
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(folder, name))
}

/** They are one set, whichever files it is made of today. */
export async function remoteVolumeSet(
  config: Config,
  files: string[],
): Promise<{ set: ObjectSet; findings: Finding[] }> {
  const { sets, findings } = await namedSets(files, {
    config,
    packageRoot: packageRoot(),
    set: 'remote-volumes',
  })
  return { set: { ...sets[0]!, title: 'Remote volumes', source: 'volumes' }, findings }
}
