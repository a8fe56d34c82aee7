import { manifestsArgument, valueOptions } from './lib/addons/manifest-options.ts'
import { planManifests } from './lib/addons/set-plan.ts'
import { allChanges } from './lib/cli/plan/plan-counts.ts'
import { planJson } from './lib/cli/plan/plan-json.ts'
import { planText } from './lib/cli/plan/plan-text.ts'
import { defineTask } from './lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'manifests',
  summary: 'show what apply would change, line by line, and change nothing',
  description: 'The server works out each difference in a dry run; values of Secrets are masked.',
  arguments: {
    manifests: manifestsArgument,
  },
  options: {
    ...valueOptions,
    set: { type: 'string', valueName: 'NAME', summary: 'one set of this name holds all of it' },
    prune: { type: 'boolean', default: true, summary: 'show what has left the files and would be deleted' },
    exitCode: { type: 'boolean', summary: 'end with 2 when there are differences' },
  },
  examples: [
    ['tasks diff web', 'what tasks apply web would change'],
    ['tasks diff web --exit-code', 'for scripts: 0 no difference, 2 differences, 1 an error'],
  ],
  async run({ arguments: { manifests }, ...context }) {
    const { output, options } = context
    const plan = await planManifests(manifests, { ...context, flags: options })
    output.findings(plan.findings)
    if (options.json) output.json(planJson(plan))
    else output.data(planText(plan, { detail: 'full' }))
    const changes = allChanges(plan)
    if (changes.some(({ blocked }) => blocked)) return 1
    return options.exitCode && changes.length > 0 ? 2 : 0
  },
})
