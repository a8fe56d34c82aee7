import { writeFile } from 'node:fs/promises'
import { baseLayer } from './install.ts'
import { planLayer } from './lib/addons/layer.ts'
import { podSecurityRemarks } from './lib/addons/pod-security-remarks.ts'
import { allChanges, unknownTargets } from './lib/cli/plan/plan-counts.ts'
import { planJson } from './lib/cli/plan/plan-json.ts'
import { planText } from './lib/cli/plan/plan-text.ts'
import { savedPlan } from './lib/cli/plan/saved-plan.ts'
import { filterSteps } from './lib/cli/plan/steps.ts'
import { defineTask } from './lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'start',
  summary: 'show everything that install would change, line by line, and change nothing',
  description:
    'The server works out each difference in a dry run, machines are asked by reading only; values of Secrets are masked. ' +
    'Notes say which namespaces are privileged and why, and what a stricter level of Pod Security would refuse.',
  options: {
    save: {
      type: 'string',
      valueName: 'FILE',
      summary: 'keep the plan for: tasks install --plan FILE',
      complete: 'files',
    },
    exitCode: { type: 'boolean', summary: 'end with 2 when there are changes' },
  },
  examples: [
    ['tasks plan', 'read what install would do'],
    ['tasks plan --only flannel', 'one step of it'],
    ['tasks plan --save next.plan', 'keep it; install --plan next.plan then makes these changes or none'],
    ['tasks plan --exit-code', 'for scripts: 0 nothing to do, 2 changes, 1 an error'],
  ],
  async run(context) {
    const { output, options } = context
    const whole = await output.live('compare what is with what is wanted', () =>
      planLayer(baseLayer, { ...context, remarks: podSecurityRemarks }),
    )
    const plan = filterSteps(whole, options.only)
    output.findings(plan.findings)
    if (options.json) output.json(planJson(plan))
    else output.data(planText(plan, { detail: 'full', colours: output.dataColours }))
    if (options.save) await writeFile(options.save, `${JSON.stringify(savedPlan(plan), null, 2)}\n`)
    const changes = allChanges(plan)
    if (changes.some(({ blocked }) => blocked) || unknownTargets(plan).length > 0) return 1
    if (changes.length > 0)
      output.next(options.save ? `tasks install --plan ${options.save}` : 'tasks install')
    return options.exitCode && changes.length > 0 ? 2 : 0
  },
})
