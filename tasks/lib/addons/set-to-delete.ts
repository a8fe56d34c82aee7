import type { DeleteTarget } from '../api/delete.ts'
import { TaskError } from '../cli/errors.ts'
import { findManifests } from '../manifest/files.ts'
import { loadManifests } from '../manifest/manifest.ts'
import { headSetName, type SetOptions, setName } from './sets.ts'

/**
 * The set to delete: its name, and as far as its files are still there and can be read, their objects. They only tell
 * which kinds to look for when the cluster has no record of the set; so no fault in them stops a delete.
 */
export async function loadSetToDelete(
  asked: string,
  { config, packageRoot, set }: Pick<SetOptions, 'config' | 'packageRoot' | 'set'>,
): Promise<DeleteTarget> {
  let name = set ?? setName(asked)
  try {
    const { root, variables, environmentVariables: environment } = config
    const { manifests } = await findManifests([asked], { root, packageRoot })
    name = set ?? headSetName(manifests[0]!, config) ?? name
    const { objects } = loadManifests(
      manifests.flatMap(({ files }) => files),
      { variables, environment },
    )
    return { name, objects }
  } catch (error) {
    if (!(error instanceof TaskError)) throw error
    return { name }
  }
}
