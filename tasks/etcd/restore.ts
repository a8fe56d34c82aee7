import { defineTask } from '../lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'cluster',
  summary: 'restore etcd from a backup, on the same machines or on new ones',
  description:
    'On the control planes of the cluster: the backup is restored beside the data that is there; then API servers and ' +
    'etcd stop, the data are exchanged, and all start again, each step on all machines before the next. What was there ' +
    'stays under a name with the time. On machines without a cluster: the authorities and the data go to the first ' +
    'control plane, and tasks install sets the cluster up on them. Killed anywhere, the same command goes on. ' +
    'The backup is opened in memory, with your own age key. Asks for its name.',
  arguments: {
    backup: {
      summary: 'a name of etcd:backups, latest, or a file',
      required: true,
      complete: 'files',
    },
  },
  examples: [
    ['tasks etcd:restore latest --dry-run', 'every step and command'],
    ['tasks etcd:restore latest', 'the newest backup of all places'],
    ['tasks etcd:restore ./etcd-home-kube1-20260101T030000Z.age', 'a file: where no machine is left'],
  ],
  confirmName: ({ arguments: { backup } }) => backup.split('/').at(-1),
  async plan(context) {
    const { clusterPlan, openClusterScene } = await import('../lib/cluster/cluster.ts')
    const { chosenSet } = await import('../lib/cluster/backup/chosen-set.ts')
    const { planRestore } = await import('../lib/cluster/backup/restore/plan-restore.ts')
    const { refuseSimulated } = await import('../lib/cluster/life/real-machines.ts')
    const scene = await openClusterScene(context)
    refuseSimulated(scene)
    const set = await chosenSet(context.arguments.backup, { scene, output: context.output })
    const planned = await planRestore(set, scene)
    const controlPlanes = scene.config.cluster.nodes.filter(({ roles }) => roles.includes('control-plane'))
    const machines = controlPlanes.map((node) => scene.machine(node))
    return clusterPlan({ ...planned, waitSeconds: 1200 }, { scene, command: 'tasks etcd:restore', machines })
  },
})
