import type { Change, Plan } from '../cli/change.ts'
import type { ClusterNode, Config } from '../config/model.ts'
import { firstLabel } from '../config/nodes.ts'
import { isWithin } from '../node/directories/mounts.ts'
import { volumesOfNode } from '../node/volumes/volume.ts'
import { nodeDirectories } from './persistent-directories.ts'
import { persistentDirectories, volumesPath } from './persistent-parts.ts'
import { offersVolumes } from './persistent-volumes.ts'

/** The plan for nodes that no machine stands behind: what would be made, and nothing that makes it. */
export function rehearseDirectories(config: Config, nodes: readonly ClusterNode[]): Plan {
  const changes = nodes.filter(offersVolumes).flatMap((node) => changesOf(node, config))
  const labels = nodes.map(({ name }) => firstLabel(name)).join(', ')
  const are = nodes.length === 1 ? 'is' : 'are'
  const { name, title } = persistentDirectories
  return {
    target: `sandbox ${config.cluster.name} (simulated nodes)`,
    ask: false,
    steps: [{ name, title, waves: [{ changes, parallel: changes.length }], unchanged: [] }],
    next: 'tasks persistent',
    findings: [
      ...config.findings,
      { severity: 'note', message: `${labels} ${are} simulated: the commands are shown, nothing is created` },
    ],
  }
}

function changesOf(node: ClusterNode, config: Config): Change[] {
  const folder = volumesPath(config)
  const [directories] = nodeDirectories(node, { cluster: config.cluster, volumesPath: folder })
  if (!directories) return []
  const answer = { stdout: mountedMachine(node, { config, folder }), stderr: '', exitCode: 0 }
  const label = firstLabel(node.name)
  return directories.plan(answer).actions.map(({ before = [], after = [], ...action }) => ({
    ...action,
    ...{ before, after, lane: node.name, simulated: true },
    target: `${label}: ${directories.target}`,
    title: `${label}: ${action.title}`,
    run: async () => {},
    verify: async () => {},
  }))
}

// As the probe would tell of a machine that is prepared and has no directory yet.
function mountedMachine(node: ClusterNode, { config, folder }: { config: Config; folder: string }): string {
  const volumes = volumesOfNode(node, config.cluster)
  const mounts = volumes.map(({ path, opened }) => mountLine(path, opened))
  const isCovered = volumes.some(({ path }) => isWithin(folder, path))
  const own = isCovered ? [] : [mountLine(folder, '/dev/sdb')]
  return [mountLine('/', '/dev/sda'), ...mounts, ...own, '-- fstab', '-- directories', '-- end', ''].join(
    '\n',
  )
}

function mountLine(path: string, source: string): string {
  return `0 0 0 / ${path.replaceAll(' ', '\\040')} rw - ext4 ${source} rw`
}
