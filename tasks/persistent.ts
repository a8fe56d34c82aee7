import { planLayer } from './lib/addons/layer.ts'
import { manifest, persistentVolumes } from './lib/addons/parts.ts'
import { missingDirectories, surveyNodes } from './lib/addons/persistent-survey.ts'
import { defineTask } from './lib/cli/task.ts'
import { loadConfig } from './lib/config/config.ts'

export default defineTask(import.meta, {
  group: 'volumes',
  summary: "offer each node's pools and named volumes as PersistentVolumes",
  description:
    'Sizes, counts and names are those of POOL_NUM_*, POOL_SIZE_* and NAMED_VOLUMES: 41 for each node by default. ' +
    'A volume that leaves the configuration stays in the cluster, with its data, and is named as an orphan. Directories ' +
    'that are missing on the nodes are named too.',
  examples: [
    ['tasks persistent', 'show what is missing, ask, create it'],
    ['POOL_NUM_LARGE=4 tasks persistent', 'four large volumes on each node besides'],
  ],
  async plan(context) {
    const plan = await planLayer([manifest('storage-classes'), persistentVolumes], context)
    const config = await loadConfig(context.root)
    if (!config.configured || context.options.sandbox) return plan
    const { surveys, findings } = await surveyNodes(config, context.signal)
    return { ...plan, findings: [...plan.findings, ...findings, ...missingDirectories(config, surveys)] }
  },
})
