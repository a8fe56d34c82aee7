import { defineTask } from '../lib/cli/task.ts'
import { loadConfig } from '../lib/config/config.ts'
import { sandboxUp } from '../lib/sandbox/sandbox.ts'

export default defineTask(import.meta, {
  group: 'sandbox',
  summary: 'start a control plane on this machine with simulated nodes',
  description:
    'A real etcd, API server, controller-manager and scheduler on loopback; KWOK simulates the nodes that the ' +
    'configuration names, three where it names none. Tasks start it by themselves when they need it. Its programs ' +
    'come from SANDBOX_BIN, the cache or PATH; else they are downloaded, and without a network built with Go.',
  examples: [
    ['tasks sandbox:up', 'start it, or heal it, or find it running'],
    ['SANDBOX_BIN=/opt/kubernetes tasks sandbox:up', 'use programs that are there already'],
  ],
  async run({ root, output, options, signal }) {
    const config = await loadConfig(root)
    output.findings(config.findings)
    const sandbox = await output.live('sandbox', (say) => sandboxUp(config, { say, signal }))
    if (options.json) return output.json(sandbox)
    output.line(`simulated nodes: ${sandbox.nodes.join(', ')}`)
    output.line('to look at it with kubectl:')
    output.data(`export KUBECONFIG=${shellWord(sandbox.kubeconfig)}\n`)
    output.next('tasks plan')
  },
})

function shellWord(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`
}
