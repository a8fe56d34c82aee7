import { defineTask } from '../lib/cli/task.ts'
import { sandboxDown } from '../lib/sandbox/sandbox.ts'

export default defineTask(import.meta, {
  group: 'sandbox',
  summary: 'stop the sandbox, and delete its data with --purge',
  options: {
    purge: { type: 'boolean', summary: 'delete its data, certificates and logs as well' },
  },
  examples: [
    ['tasks sandbox:down', 'stop it; the next start finds everything as it was'],
    ['tasks sandbox:down --purge', 'stop it and begin anew with the next start'],
  ],
  async run({ root, output, options, signal }) {
    const { purge, json } = options
    const result = await output.live('sandbox', (say) => sandboxDown({ root }, { purge, say, signal }))
    if (json) return output.json(result)
    const { stopped, purged } = result
    output.line(stopped.length > 0 ? `stopped ${stopped.join(', ')}` : 'nothing was running')
    if (purged) output.line(`deleted ${result.directory}`)
    else if (stopped.length > 0) output.line(`its data stays in ${result.directory}`)
  },
})
