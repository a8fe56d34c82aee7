import { defineTask } from '../lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'cluster',
  summary: 'take the cluster to another version of Kubernetes, one node after the other',
  description:
    'One minor version at a time. A backup first, then the first control plane by kubeadm, the other ones one by one, ' +
    'then the workers: each gets the new kubeadm, is emptied as the budgets of its pods allow, gets the new kubelet and ' +
    'takes pods again once it is ready. Before and after each control plane all members of etcd have to be healthy and ' +
    'all API servers ready. Nothing is forced. Killed anywhere, the next run reads the versions again and goes on. With --settings a ' +
    'changed kubelet: or kubeadm: of cluster.yaml reaches a cluster that is there: kept in it first, then brought to each ' +
    'node in the same order and with the same checks.',
  arguments: {
    version: { summary: 'as 1.36.4; kubernetes.version of cluster.yaml unless given' },
  },
  options: {
    parallel: {
      type: 'number',
      default: 1,
      valueName: 'N',
      summary: 'workers that are empty at the same time',
    },
    settings: {
      type: 'boolean',
      summary: 'also bring changed settings of kubelets and control planes there',
    },
    force: { type: 'boolean', summary: 'also evict pods without a controller, which nobody makes again' },
    timeout: {
      type: 'number',
      default: 900,
      valueName: 'SECONDS',
      summary: 'how long emptying a node may take',
    },
  },
  examples: [
    ['tasks cluster:upgrade --dry-run', 'every node, from which version to which, and every command'],
    ['tasks cluster:upgrade', 'to kubernetes.version of cluster.yaml'],
    ['tasks cluster:upgrade 1.36.4 --parallel 3', 'three workers at a time'],
    ['tasks cluster:upgrade --settings', 'also what cluster.yaml says of kubelets and control planes now'],
  ],
  oldNames: ['upgrade'],
  async plan(context) {
    const { clusterPlan, openClusterScene } = await import('../lib/cluster/cluster.ts')
    const { refuseSimulated } = await import('../lib/cluster/life/real-machines.ts')
    const { planUpgrade } = await import('../lib/cluster/upgrade/upgrade.ts')
    const { wantedVersion } = await import('../lib/cluster/upgrade/wanted-version.ts')
    const { parallel, force, settings, timeout: drainSeconds } = context.options
    const scene = await openClusterScene(context)
    refuseSimulated(scene)
    const { version, findings } = wantedVersion(context.arguments.version, scene.config.cluster)
    const planned = await planUpgrade(scene, { version, parallel, force, drainSeconds, settings })
    const machines = scene.members.map(scene.machine)
    return clusterPlan(
      { ...planned, findings: [...findings, ...planned.findings], next: 'tasks install', waitSeconds: 600 },
      { scene, command: 'tasks cluster:upgrade', machines },
    )
  },
})
