import { defineTask } from '../lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'cluster',
  summary: 'take Kubernetes off all machines of the cluster',
  description:
    'kubeadm reset on every machine that answers, behind guards. Nothing of value is deleted: volumes and what ' +
    'PersistentVolumes hold stay, the data of etcd and /etc/kubernetes are renamed with the time. The plan lists it. ' +
    'Asks for the name of the cluster.',
  arguments: { cluster: { summary: 'the name of the cluster, as in cluster.yaml', required: true } },
  examples: [
    ['tasks cluster:reset home --dry-run', 'every command on every machine, and what stays'],
    ['tasks cluster:reset home', 'asks for the name once more; --confirm home answers'],
  ],
  oldNames: ['reset', 'cluster_reset'],
  confirmName: ({ arguments: { cluster } }) => cluster,
  async plan(context) {
    const { clusterPlan, openClusterScene } = await import('../lib/cluster/cluster.ts')
    const { planClusterReset } = await import('../lib/cluster/life/cluster-reset.ts')
    const scene = await openClusterScene(context)
    const planned = await planClusterReset(scene, context.arguments.cluster)
    const { machines } = planned
    return clusterPlan(
      { ...planned, next: 'tasks install' },
      { scene, command: 'tasks cluster:reset', machines },
    )
  },
})
