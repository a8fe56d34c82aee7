import { defineTask } from '../lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'cluster',
  summary: 'renew certificates of control planes that end soon, one machine at a time',
  description:
    'kubeadm gives them anew on each control plane, and etcd, API server, controller manager and scheduler are started ' +
    'anew one by one, each ready again before the next, as is each machine. Works with certificates that have expired ' +
    'already: then all are renewed before anything can be ready. Kubelets renew their own; one that was off until it had ' +
    'expired gets another one, and its pods and volumes stay. Killed between the two, the ' +
    'next run sees that a program is older than its certificate, and starts it anew.',
  options: {
    within: {
      type: 'number',
      summary: 'renew what ends within so many days',
      default: 30,
      valueName: 'DAYS',
    },
    all: { type: 'boolean', summary: 'renew those that last longer too' },
  },
  examples: [
    ['tasks certs:renew', 'what ends within 30 days'],
    ['tasks certs:renew --all --dry-run', 'every command for all of them, and nothing is changed'],
  ],
  async plan(context) {
    const { clusterPlan, openClusterScene } = await import('../lib/cluster/cluster.ts')
    const { planRenewal } = await import('../lib/cluster/certs/renewal.ts')
    const { changedMachines } = await import('../lib/node/plan/changed-machines.ts')
    const { refuseSimulated } = await import('../lib/cluster/life/real-machines.ts')
    const { within: withinDays, all } = context.options
    const scene = await openClusterScene(context)
    refuseSimulated(scene)
    const planned = await planRenewal(scene, { withinDays, all })
    const machines = changedMachines(planned.steps, scene.members.map(scene.machine))
    return clusterPlan(
      { ...planned, next: 'tasks kubeconfig' },
      { scene, command: 'tasks certs:renew', machines },
    )
  },
})
