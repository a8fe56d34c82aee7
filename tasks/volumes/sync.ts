import { planLayer } from '../lib/addons/layer.ts'
import { syncedFolders, syncPrograms } from '../lib/addons/sync-parts.ts'
import { defineTask } from '../lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'volumes',
  summary: 'keep folders the same on several nodes, by the clock',
  description:
    'Folders are those of `sync` in cluster.yaml; the first node of each runs it, over SSH with a key that can do nothing ' +
    'else. A file that was changed on two nodes is kept under both names; what is replaced or deleted stays 30 days in ' +
    ".metaltasks-sync of the folder. Nothing runs while a folder's volume is not mounted on either side. " +
    'tasks status shows the last runs and the conflicts.',
  examples: [
    ['tasks volumes:sync', 'show what is missing on the nodes, ask, set it up'],
    ['tasks volumes:sync --dry-run', 'only show it, command by command'],
  ],
  oldNames: ['data-sync', 'sync'],
  plan: (context) => planLayer([syncPrograms, syncedFolders], { ...context, next: 'tasks status' }),
})
