import { TaskError } from '../cli/errors.ts'
import type { ClusterNode, Config } from '../config/model.ts'
import { askedNodes } from './node-parts.ts'
import type { NodePart } from './part.ts'
import { nodeDirectories } from './persistent-directories.ts'
import { offersVolumes } from './persistent-volumes.ts'

/** The directories behind the PersistentVolumes of each node, and what each may hold. */
export const persistentDirectories: NodePart = {
  name: 'persistent-dirs',
  title: 'Directories of PersistentVolumes',
  ownPace: true,
  nodes({ config, machines, nodes, parts }) {
    const options = {
      cluster: config.cluster,
      volumesPath: volumesPath(config),
      mountedBefore: parts.includes('volumes'),
    }
    return nodes
      .filter(offersVolumes)
      .map((node) => ({ machine: machines.of(node), resources: nodeDirectories(node, options) }))
  },
}

/** The nodes that a task on directories is about: what NODE names, else all workers. */
export function workersAsked(config: Config): ClusterNode[] {
  const nodes = askedNodes(config)
  const workers = nodes.filter(offersVolumes)
  if (workers.length > 0) return workers
  const names = nodes.map(({ name }) => name).join(', ')
  throw new TaskError(`${names} offers no PersistentVolumes: no worker`, {
    ...nodes[0]?.place,
    hint: 'give it the role worker in cluster.yaml, or name another node',
  })
}

/** K8S_VOLUMES_PATH: the folder of local volumes on each node. */
export function volumesPath({ variables }: Pick<Config, 'variables'>): string {
  return variables.get('K8S_VOLUMES_PATH')!.value.replace(/(?<=.)\/+$/, '')
}
