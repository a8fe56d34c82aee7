import { planLayer } from './lib/addons/layer.ts'
import { nodeLabels } from './lib/addons/parts.ts'
import { defineTask } from './lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'nodes',
  summary: 'set roles and labels of the configuration on the nodes',
  examples: [['tasks node-labels', 'show what differs, ask, set it']],
  oldNames: ['node_labels'],
  plan: (context) => planLayer([nodeLabels], context),
})
