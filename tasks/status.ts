import { painter } from './lib/cli/colours.ts'
import { defineTask } from './lib/cli/task.ts'
import { loadConfig } from './lib/config/config.ts'
import { openTarget } from './lib/sandbox/target.ts'
import { readStatus } from './lib/status/status.ts'
import { statusText } from './lib/status/text.ts'

export default defineTask(import.meta, {
  group: 'start',
  summary: 'show nodes, workloads, volumes, add-ons and the last run',
  description:
    'Reads only: nothing is changed, and a sandbox that does not run is not started. ' +
    'It ends with 0 whenever the state could be read, whatever the state is.',
  examples: [
    ['tasks status', 'look'],
    ['tasks status --json', 'the same as one JSON document'],
  ],
  async run({ root, output, options, signal }) {
    const config = await loadConfig(root)
    output.findings(config.findings)
    const target = await openTarget(
      config,
      { sandbox: options.sandbox, startSandbox: false },
      { say: output.verbose, signal },
    )
    const { status, findings } = await readStatus(target, { config, signal })
    output.findings(findings)
    if (options.json) output.json(status)
    else output.data(statusText(status, painter(output.dataColours)))
  },
})
