import { nodeDirectories } from './lib/addons/persistent-directories.ts'
import { TaskError, UsageError } from './lib/cli/errors.ts'
import { defineTask } from './lib/cli/task.ts'
import { loadConfig } from './lib/config/config.ts'
import type { Config } from './lib/config/model.ts'
import { firstLabel, nodeNamed } from './lib/config/nodes.ts'

export default defineTask(import.meta, {
  group: 'volumes',
  summary: "show the directories of a node's PersistentVolumes, with commands",
  description:
    'NODE is a full name or a first label. The directories are not made yet: run the commands yourself.',
  examples: [['NODE=kube1 tasks persistent-dirs', 'for kube1: 41 directories by default']],
  oldNames: ['persistent_dirs'],
  async run({ root, output, options }) {
    const config = await loadConfig(root)
    output.findings(config.findings)
    const { cluster, variables, configured } = config
    const node = nodeNamed(config, nodeVariable(config))
    const volumesPath = variables.get('K8S_VOLUMES_PATH')!.value
    const { paths, commands } = nodeDirectories(node, { cluster, volumesPath })
    if (options.json) {
      output.json({ node: node.name, paths, commands, created: false })
      return 1
    }
    output.heading(`${node.name}: ${paths.length} directories under ${volumesPath}`)
    output.data([...paths, '', ...commands, ''].join('\n'))
    const isSimulated = !configured || options.sandbox
    const reason = isSimulated ? `${node.name} is simulated` : 'metaltasks does not change machines yet'
    throw new TaskError(`nothing was created: ${reason}`, {
      hint: 'run the commands above on your own machine, then: tasks persistent',
    })
  },
})

function nodeVariable({ variables, cluster }: Config): string {
  const node = variables.get('NODE')?.value
  if (node) return node
  throw new UsageError('NODE is not set: which node?', {
    hint: `for example: NODE=${firstLabel(cluster.nodes[0]?.name ?? 'kube1')} tasks persistent-dirs`,
  })
}
