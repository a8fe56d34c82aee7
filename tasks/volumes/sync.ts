import { planLayer } from '../lib/addons/layer.ts'
import { surveyNodes } from '../lib/addons/persistent-survey.ts'
import { syncedFolders, syncPrograms } from '../lib/addons/sync-parts.ts'
import type { GlobalOptions, Task } from '../lib/cli/task.ts'
import { type Context, defineTask } from '../lib/cli/task.ts'
import { loadConfig } from '../lib/config/config.ts'

export default defineTask(import.meta, {
  group: 'volumes',
  summary: 'keep folders the same on several nodes, by the clock',
  description:
    'Folders are those of `sync` in cluster.yaml; the first node of each runs it, over SSH with a key that can do nothing ' +
    'else. A file that was changed on two nodes is kept under both names; what is replaced or deleted stays 30 days in ' +
    ".metaltasks-sync of the folder. Nothing runs while a folder's volume is not mounted on either side.",
  options: {
    status: {
      type: 'boolean',
      summary: 'show the last run of each folder and its conflicts; change nothing',
    },
  },
  examples: [
    ['tasks volumes:sync', 'show what is missing on the nodes, ask, set it up'],
    ['tasks volumes:sync --status', 'how the last runs went'],
  ],
  oldNames: ['data-sync', 'sync'],
  async run(context) {
    if (context.options.status) return showLastRuns(context)
    const { runPlan } = await import('../lib/cli/plan/execute.ts')
    return runPlan({ plan } as unknown as Task, context as unknown as Context)
  },
})

type SyncContext = Pick<Context, 'argv' | 'arguments' | 'name' | 'output' | 'root' | 'signal'> & {
  options: GlobalOptions
}

function plan(context: SyncContext) {
  return planLayer([syncPrograms, syncedFolders], { ...context, next: 'tasks volumes:sync --status' })
}

async function showLastRuns({ root, output, options, signal }: SyncContext): Promise<void> {
  const config = await loadConfig(root)
  if (!config.configured || options.sandbox)
    return output.line('the nodes are simulated: nothing runs on them')
  const { surveys, findings } = await surveyNodes(config, signal)
  output.findings(findings)
  const runs = [...surveys].flatMap(([node, { syncs }]) => syncs.map((sync) => ({ node, ...sync })))
  if (options.json) return output.json(runs)
  if (runs.length === 0) output.line('no folder is synchronised')
  for (const { node, name, folder, result, endedAt, conflicts, message } of runs) {
    const last = result === 'never' ? 'has not run yet' : `${result} ${endedAt ?? ''}`
    output.data(`${name}  ${node}:${folder}  ${last}  ${conflicts} conflicts${message && `  ${message}`}\n`)
  }
}
