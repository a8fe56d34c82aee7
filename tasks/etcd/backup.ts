import { defineTask } from '../lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'cluster',
  summary: 'back etcd up now, with certificates and encryption keys',
  description:
    'A snapshot of etcd, the certificates of kubeadm and the encryption keys, encrypted for the age recipients of the ' +
    'configuration. It counts once it was restored on trial, and a copy of it once it was read back. The same program ' +
    'runs by schedule on each control plane (backup: in cluster.yaml) and needs nothing of this tool there. Each place ' +
    'keeps the newest of each control plane, however old they are.',
  examples: [
    ['tasks etcd:backup', 'on a control plane that works'],
    ['NODE=kube2 tasks etcd:backup', 'on this one'],
    ['tasks etcd:backup --dry-run', 'what would run'],
  ],
  async plan(context) {
    const { clusterPlan, openClusterScene } = await import('../lib/cluster/cluster.ts')
    const { refuseSimulated } = await import('../lib/cluster/life/real-machines.ts')
    const { planBackup } = await import('../lib/cluster/backup/backup-now.ts')
    const scene = await openClusterScene(context)
    const command = 'tasks etcd:backup'
    refuseSimulated(scene)
    const { planned, machine } = await planBackup(scene)
    return clusterPlan({ ...planned, next: 'tasks etcd:backups' }, { scene, command, machines: [machine] })
  },
})
