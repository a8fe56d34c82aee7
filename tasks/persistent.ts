import { planLayer } from './lib/addons/layer.ts'
import { manifest, persistentVolumes } from './lib/addons/parts.ts'
import { defineTask } from './lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'volumes',
  summary: "offer each node's pools and named volumes as PersistentVolumes",
  description:
    'Sizes, counts and names are those of POOL_NUM_*, POOL_SIZE_* and NAMED_VOLUMES: 41 for each node by default. ' +
    'A volume that leaves the configuration stays in the cluster; removing it takes --include-volumes.',
  examples: [
    ['tasks persistent', 'show what is missing, ask, create it'],
    ['POOL_NUM_LARGE=4 tasks persistent', 'four large volumes on each node besides'],
  ],
  plan: (context) => planLayer([manifest('storage-classes'), persistentVolumes], context),
})
