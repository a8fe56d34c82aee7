import type { DeleteTarget } from '../api/delete.ts'
import { TaskError } from '../cli/errors.ts'
import { findManifests } from '../manifest/files.ts'
import { loadManifests } from '../manifest/manifest.ts'
import { headSetName, setName, setSource, sourceOf } from './set-name.ts'
import type { SetOptions } from './sets.ts'

/**
 * The set to delete: its name, and as far as its files are still there and can be read, their objects. They only tell
 * which kinds to look for when the cluster has no record of the set; so no fault in them stops a delete.
 */
export async function loadSetToDelete(
  asked: string,
  { config, packageRoot, set }: Pick<SetOptions, 'config' | 'packageRoot' | 'set'>,
): Promise<DeleteTarget> {
  const { root } = config
  let name = set ?? setName(asked)
  let source = asked.includes('/') ? setSource(asked, { root, packageRoot }) : undefined
  try {
    const { variables, environmentVariables: environment } = config
    const { manifests } = await findManifests([asked], { root, packageRoot })
    source = sourceOf(manifests[0]!, { root, packageRoot })
    name = set ?? headSetName(manifests[0]!, config) ?? name
    const { objects } = loadManifests(
      manifests.flatMap(({ files }) => files),
      { variables, environment },
    )
    // Whoever gives the set's own name means that set, wherever it came from.
    return { name, objects, source: set ? undefined : source }
  } catch (error) {
    if (!(error instanceof TaskError)) throw error
    return { name, source: set ? undefined : source }
  }
}
