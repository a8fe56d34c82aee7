import { defineTask } from '../lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'nodes',
  summary: 'move all pods off a node, as their budgets allow; --undo lets pods onto it again',
  description:
    'New pods are kept off, then pods are evicted; PodDisruptionBudgets decide when each may go, and what is waited for ' +
    'is said. Pods of DaemonSets and static pods stay. The plan names pods whose emptyDir goes with them, volumes that ' +
    'are on this node only, and pods that nobody makes again: those leave with --force only.',
  arguments: { node: { summary: 'its name or first label', required: true, complete: 'nodes' } },
  options: {
    undo: { type: 'boolean', summary: 'let pods onto it again' },
    force: { type: 'boolean', summary: 'also pods without a controller, which nobody makes again' },
    timeout: { type: 'number', default: 900, valueName: 'SECONDS', summary: 'how long evictions may take' },
  },
  examples: [
    ['tasks node:drain kube1 --dry-run', 'what would leave, and what would be lost or wait'],
    ['tasks node:drain kube1', 'before work on its machine'],
    ['tasks node:drain kube1 --undo', 'after it'],
  ],
  oldNames: ['drain', 'cordon', 'uncordon'],
  async plan({ arguments: { node: named }, options, root, output, signal }) {
    const { loadConfig } = await import('../lib/config/config.ts')
    const { nodeNamed } = await import('../lib/config/nodes.ts')
    const { reachTarget } = await import('../lib/cluster/target.ts')
    const { drainStep } = await import('../lib/cluster/life/drain/drain-step.ts')
    const config = await loadConfig(root)
    const node = nodeNamed(config, named).name
    const { name, client, simulated, fingerprint } = await output.live('target', (say) =>
      reachTarget(config, { sandbox: options.sandbox }, { say, signal }),
    )
    const { undo, force, timeout: timeoutSeconds } = options
    const { step, findings } = await drainStep(client, { node, undo, force, timeoutSeconds, signal })
    const next = undo ? undefined : `tasks node:drain ${named} --undo`
    const all = [...config.findings, ...findings]
    return { target: name, fingerprint, ask: !simulated, steps: [step], findings: all, next }
  },
})
