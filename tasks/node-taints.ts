import { nodeTaints } from './lib/addons/kubeadm-parts.ts'
import { planLayer } from './lib/addons/layer.ts'
import { defineTask } from './lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'nodes',
  summary: 'set taints of the configuration, and none on control planes that are workers too',
  description:
    'A control plane with the role worker takes pods: the taint that kubeadm gave it goes. ' +
    'Taints that others have set stay as they are.',
  examples: [['tasks node-taints', 'show what differs, ask, set it']],
  oldNames: ['untaint'],
  plan: (context) => planLayer([nodeTaints], context),
})
