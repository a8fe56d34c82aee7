import { baseLayer } from '../install.ts'
import type { NodePart, Part } from '../lib/addons/part.ts'
import { defineTask } from '../lib/cli/task.ts'

/** The lines of install that are about machines, in their order. */
export const machineParts = baseLayer.filter((part: Part): part is NodePart => part.nodes !== undefined)

export default defineTask(import.meta, {
  group: 'nodes',
  summary: 'make a machine of cluster.yaml a node of the cluster',
  description:
    'What install does for one machine: system, volumes, programs, and the join with a token of 15 minutes, which a ' +
    'control plane gives and takes back. No other machine is changed. A second run changes nothing; a run that was ' +
    'killed goes on where it was.',
  arguments: { node: { summary: 'its name or first label', required: true, complete: 'nodes' } },
  examples: [
    ['tasks node:add kube4 --dry-run', 'every command, and nothing is changed'],
    ['tasks node:add kube4', 'after it was written into nodes: of cluster.yaml and trusted with node:trust'],
  ],
  oldNames: ['add-node', 'join', 'node_add'],
  async plan(context) {
    const { planLayer } = await import('../lib/addons/layer.ts')
    const { labelsLater } = await import('../lib/addons/parts-later.ts')
    const { loadConfig } = await import('../lib/config/config.ts')
    const { nodeNamed } = await import('../lib/config/nodes.ts')
    const { options, root, arguments: named } = context
    const config = await loadConfig(root)
    const { name } = nodeNamed(config, named.node)
    const plan = await planLayer(machineParts, {
      ...context,
      nodes: (loaded) => [nodeNamed(loaded, name)],
      next: 'tasks install',
    })
    const isSimulated = !config.configured || options.sandbox
    if (isSimulated || plan.steps.every(({ waves }) => waves.length === 0)) return plan
    return { ...plan, steps: [...plan.steps, labelsLater(name, { ...context, config })] }
  },
})
