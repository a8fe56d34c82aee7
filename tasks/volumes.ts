import { planLayer } from './lib/addons/layer.ts'
import { askedNodes } from './lib/addons/node-parts.ts'
import { volumeLayer } from './lib/addons/volume-parts.ts'
import { defineTask } from './lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'volumes',
  summary: 'make, open and mount the encrypted volumes of nodes',
  description:
    'Logical volume, LUKS2, file system, mount, and what opens them at boot. Nothing that carries a signature, a record ' +
    'or anything that cannot be read is ever formatted, and no option changes that. A volume that is larger in ' +
    'cluster.yaml grows while it is in use; none ever shrinks.',
  examples: [
    ['tasks volumes --dry-run', 'what would be done on each machine, command by command'],
    ['NODE=kube1 tasks volumes', 'one machine'],
  ],
  plan: (context) =>
    planLayer(volumeLayer, {
      ...context,
      nodes: (config) => askedNodes(config),
      next: 'tasks persistent-dirs',
    }),
})
