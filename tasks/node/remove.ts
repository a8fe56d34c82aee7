import { defineTask } from '../lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'nodes',
  summary: 'take a node out of the cluster, whether its machine still answers or not',
  description:
    'In this order: its pods leave as their budgets allow, etcd goes on without it when the others have a majority, the ' +
    'kubelet and pods of its machine stop, the API forgets it. --reset also makes it a machine without Kubernetes. ' +
    'Volumes and their data stay, and so do the data of etcd and /etc/kubernetes, under a name with the time. The last ' +
    'control plane stays. Killed anywhere, the next run goes on. Asks for the name of the node.',
  arguments: { node: { summary: 'its name or first label', required: true, complete: 'nodes' } },
  options: {
    reset: { type: 'boolean', summary: 'kubeadm reset on its machine, behind guards' },
    force: { type: 'boolean', summary: 'also pods without a controller, which nobody makes again' },
    timeout: { type: 'number', default: 900, valueName: 'SECONDS', summary: 'how long evictions may take' },
  },
  examples: [
    ['tasks node:remove kube3 --dry-run', 'every step and command, and the arithmetic of etcd'],
    ['tasks node:remove kube3', 'a node that is not needed any more, or whose machine is dead'],
    ['tasks node:remove kube3 --reset', 'its machine is to be used for something else'],
  ],
  oldNames: ['remove-node', 'node_remove'],
  confirmName: ({ arguments: { node } }) => node,
  async plan(context) {
    const { clusterPlan, openClusterScene } = await import('../lib/cluster/cluster.ts')
    const { planRemoval } = await import('../lib/cluster/life/removal.ts')
    const { arguments: named, options } = context
    const scene = await openClusterScene(context)
    const { reset, force, timeout } = options
    const planned = await planRemoval(scene, {
      named: named.node,
      resets: reset,
      force,
      drainSeconds: timeout,
    })
    const { machines } = planned
    return clusterPlan(
      { ...planned, next: 'tasks status' },
      { scene, command: 'tasks node:remove', machines },
    )
  },
})
