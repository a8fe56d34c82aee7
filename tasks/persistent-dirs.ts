import { planLayer } from './lib/addons/layer.ts'
import { persistentDirectories, workersAsked } from './lib/addons/persistent-parts.ts'
import { rehearseDirectories } from './lib/addons/persistent-rehearsal.ts'
import { defineTask } from './lib/cli/task.ts'
import { loadConfig } from './lib/config/config.ts'

export default defineTask(import.meta, {
  group: 'volumes',
  summary: "make the directories of a node's PersistentVolumes",
  description:
    'NODE is a full name or a first label; without it, all workers. Directories are made on mounted volumes only, never ' +
    'on the disk below one that is closed. Where the file system counts projects, none holds more than its size.',
  examples: [
    ['NODE=kube1 tasks persistent-dirs', 'on kube1: 41 directories by default'],
    ['tasks persistent-dirs --dry-run', 'show the commands for every node'],
  ],
  oldNames: ['persistent_dirs'],
  async plan(context) {
    const config = await loadConfig(context.root)
    if (!config.configured || context.options.sandbox)
      return rehearseDirectories(config, workersAsked(config))
    const about = { nodes: workersAsked, next: 'tasks persistent' }
    return planLayer([persistentDirectories], { ...context, ...about })
  },
})
