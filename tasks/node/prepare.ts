import { planLayer } from '../lib/addons/layer.ts'
import { askedNodes } from '../lib/addons/node-parts.ts'
import { nodePrepare } from '../lib/addons/parts.ts'
import { defineTask } from '../lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'nodes',
  summary: 'install packages, set up kernel modules and parameters, and end swap on machines',
  description:
    'What Kubernetes and encrypted volumes need, and what system: of cluster.yaml adds. Nothing is removed; a second ' +
    'run changes nothing.',
  arguments: {
    nodes: { summary: 'names or first labels; $NODE or all where not given', many: true, complete: 'nodes' },
  },
  examples: [
    ['tasks node:prepare --dry-run', 'what would be done on each machine, command by command'],
    ['tasks node:prepare kube1', 'one machine; so does NODE=kube1 tasks node:prepare'],
  ],
  oldNames: ['node_prepare', 'prepare'],
  plan: (context) =>
    planLayer([nodePrepare], {
      ...context,
      nodes: (config) => askedNodes(config, context.arguments.nodes),
      next: 'tasks volumes',
    }),
})
