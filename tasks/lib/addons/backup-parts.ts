import type { NodePart } from './part.ts'

/** Backups of etcd by schedule: made, tried, encrypted and copied by each control plane itself. */
export const etcdBackups: NodePart = {
  name: 'etcd-backups',
  title: 'Backups of etcd by schedule',
  nodes: async ({ config, machines, nodes, output, signal }) => {
    const { backupWork } = await import('../cluster/backup/backup-work.ts')
    const { secretProject } = await import('../secrets/project.ts')
    const project = secretProject({ root: config.root, output, signal })
    return backupWork(nodes, { config, machines, project })
  },
}
