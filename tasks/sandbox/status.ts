import { defineTask } from '../lib/cli/task.ts'
import { sandboxStatus } from '../lib/sandbox/status.ts'
import { statusLines } from '../lib/sandbox/status-text.ts'

export default defineTask(import.meta, {
  group: 'sandbox',
  summary: 'show what the sandbox runs: version, address, processes, memory',
  examples: [
    ['tasks sandbox:status', 'look'],
    ['tasks sandbox:status --json', 'the same as one JSON document'],
  ],
  async run({ root, output, options }) {
    const status = await sandboxStatus({ root })
    if (options.json) return output.json(status)
    output.data(statusLines(status).join('\n').concat('\n'))
    if (status.state !== 'running') output.next('tasks sandbox:up')
  },
})
