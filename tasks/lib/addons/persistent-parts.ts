import { TaskError } from '../cli/errors.ts'
import type { Config } from '../config/model.ts'
import type { NodePart } from './part.ts'
import { nodeDirectories } from './persistent-directories.ts'
import { offersVolumes } from './persistent-volumes.ts'

/** The directories behind the PersistentVolumes of each node, and what each may hold. */
export const persistentDirectories: NodePart = {
  name: 'persistent-dirs',
  title: 'Directories of PersistentVolumes',
  nodes({ config, machines, nodes, parts }) {
    const workers = nodes.filter(offersVolumes)
    if (nodes.length === 1 && workers.length === 0)
      throw new TaskError(`${nodes[0]!.name} is no worker: it offers no PersistentVolumes`, {
        ...nodes[0]!.place,
        hint: 'give it the role worker in cluster.yaml, or name another node',
      })
    const options = {
      cluster: config.cluster,
      volumesPath: volumesPath(config),
      mountedBefore: parts.includes('volumes'),
    }
    return workers.map((node) => ({ machine: machines.of(node), resources: nodeDirectories(node, options) }))
  },
}

/** K8S_VOLUMES_PATH: the folder of local volumes on each node. */
export function volumesPath({ variables }: Pick<Config, 'variables'>): string {
  return variables.get('K8S_VOLUMES_PATH')!.value.replace(/(?<=.)\/+$/, '')
}
