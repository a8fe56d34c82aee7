import { defineTask } from './lib/cli/task.ts'
import { painter } from './lib/cli/terminal/colours.ts'
import { reachTarget } from './lib/cluster/target.ts'
import { loadConfig } from './lib/config/config.ts'
import { statusPage } from './lib/status/page/page.ts'
import { writePage } from './lib/status/page/page-file.ts'
import { readStatus } from './lib/status/status.ts'
import { statusText } from './lib/status/text.ts'

export default defineTask(import.meta, {
  group: 'start',
  summary: 'show nodes, workloads, volumes, add-ons and the last run',
  description:
    'Reads only: nothing is changed, and a sandbox that does not run is not started. ' +
    'It ends with 0 whenever the state could be read, whatever the state is.',
  options: {
    html: {
      type: 'string',
      valueName: 'FILE',
      summary:
        'write one page with pictures of nodes, volumes and step times; needs nothing else to be looked at',
      complete: 'files',
    },
  },
  examples: [
    ['tasks status', 'look'],
    ['tasks status --json', 'the same as one JSON document'],
    ['tasks status --html status.html', 'a page for a browser, to keep or to send'],
  ],
  async run({ root, output, options, signal }) {
    const config = await loadConfig(root)
    output.findings(config.findings)
    const target = await reachTarget(
      config,
      { sandbox: options.sandbox, startSandbox: false },
      { say: output.verbose, signal },
    )
    const { status, findings } = await readStatus(target, { config, signal })
    output.findings(findings)
    if (options.json) output.json(status)
    if (options.html) {
      await writePage(options.html, statusPage(status))
      output.line(`wrote ${options.html}`)
    } else if (!options.json) output.data(statusText(status, painter(output.dataColours)))
  },
})
