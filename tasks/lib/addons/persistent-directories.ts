import { quoteAll } from '../cli/process/quote.ts'
import type { Cluster, ClusterNode } from '../config/model.ts'
import { volumesOf } from './persistent-volumes.ts'

/** What has to be on a node before its PersistentVolumes can be used. */
export interface NodeDirectories {
  paths: string[]
  /** Command lines for the operator's shell, quoted; made again they change nothing. */
  commands: string[]
}

/** The directories behind a node's PersistentVolumes, and the commands that make them. Pure. */
export function nodeDirectories(
  node: ClusterNode,
  { cluster, volumesPath }: { cluster: Cluster; volumesPath: string },
): NodeDirectories {
  const volumes = volumesOf(node, cluster, volumesPath)
  const paths = volumes.map(({ path }) => path)
  // Nobody but root looks into a pool; each volume's own directory belongs to the pod that gets it.
  const pools = [...new Set(volumes.map(({ group }) => group))]
    .filter((group) => group.startsWith('pool-'))
    .map((group) => `${volumesPath}/${group}`)
  const onNode = [
    ['mkdir', '-p', '--', ...paths],
    ['chmod', '0700', '--', ...pools],
  ].filter((argv) => argv.length > 3)
  const commands = onNode.map((argv) =>
    quoteAll(['ssh', node.address ?? node.name, quoteAll(['sudo', ...argv])]),
  )
  return { paths, commands }
}
