import { TaskError } from './lib/cli/errors.ts'
import { defineTask } from './lib/cli/task.ts'
import { loadConfig } from './lib/config/config.ts'
import { nodeNamed } from './lib/config/nodes.ts'
import { factsTable } from './lib/node/facts/facts-text.ts'
import { gatherFacts } from './lib/node/facts/gather.ts'
import { machinesOf } from './lib/node/ssh/shared-machines.ts'

export default defineTask(import.meta, {
  group: 'nodes',
  summary: 'show the machines: system, memory, disks, clock, what runs there',
  description:
    'Asks every machine once, twenty at a time, and changes nothing. Ends 1 when one of them does not answer.',
  arguments: {
    names: { summary: 'nodes; all of the configuration unless given', many: true, complete: 'nodes' },
  },
  examples: [
    ['tasks nodes', 'look at all'],
    ['tasks nodes --json', 'everything that is known, as one JSON document'],
  ],
  oldNames: ['facts', 'hosts'],
  async run({ root, arguments: { names = [] }, output, options, signal }) {
    const config = await loadConfig(root)
    output.findings(config.findings)
    if (!config.configured)
      throw new TaskError('no machines are configured', { hint: 'name them in cluster.yaml: nodes: [kube1]' })
    const nodes = names.length > 0 ? names.map((name) => nodeNamed(config, name)) : config.cluster.nodes
    const machines = machinesOf(config, { signal })
    const { parallel } = config.cluster.ssh
    const gathered = await output.live(`ask ${nodes.length} machines`, (say) =>
      gatherFacts(nodes.map(machines.of), {
        parallel,
        signal,
        onAnswer: (done) => say(`${done} of ${nodes.length} machines asked`),
      }),
    )
    if (options.json) output.json({ nodes: gathered.map(asJson) })
    else output.data(factsTable(gathered))
    const errors = gathered.flatMap((one) => ('error' in one ? one.error.findings : []))
    output.findings(errors)
    return errors.length === 0 ? 0 : 1
  },
})

function asJson(one: Awaited<ReturnType<typeof gatherFacts>>[number]) {
  const { name } = one.machine
  return 'facts' in one ? { name, facts: one.facts } : { name, error: one.error.message }
}
