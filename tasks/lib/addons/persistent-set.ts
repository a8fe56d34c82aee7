import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Finding } from '../cli/errors.ts'
import type { Config } from '../config/model.ts'
import { expand, parseTemplate } from '../manifest/manifest.ts'
import type { ManifestObject } from '../manifest/object.ts'
import { type LocalVolume, localVolumes } from './persistent-volumes.ts'

const template = 'manifests/templates/persistent-volume.yaml'

/** The PersistentVolumes of all nodes, expanded from their template, which is parsed once. */
export async function persistentObjects(
  config: Config,
  packageRoot: string,
): Promise<{ objects: ManifestObject[]; findings: Finding[] }> {
  const text = await readFile(join(packageRoot, template), 'utf8')
  const { variables } = config
  const rows = localVolumes(config.cluster, variables.get('K8S_VOLUMES_PATH')!.value).map(valuesOf)
  return expand(parseTemplate({ path: template, text }, { variables, mode: 'strict' }), rows, { variables })
}

function valuesOf(volume: LocalVolume): Record<string, string> {
  return {
    VOLUME_NAME: volume.name,
    VOLUME_GROUP: volume.group,
    VOLUME_ID: volume.id,
    VOLUME_SIZE: volume.size,
    VOLUME_PATH: volume.path,
    NODENAME: volume.node,
  }
}
