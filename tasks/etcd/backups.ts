import { defineTask } from '../lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'cluster',
  summary: 'list the backups of etcd in all places, and what is wrong with them',
  description:
    'Asks the control planes what is in each place that they copy to; nothing is opened or changed. Ends with 1 where ' +
    'backups fail, are not scheduled, or a place cannot be read.',
  examples: [
    ['tasks etcd:backups', 'the newest first'],
    ['tasks etcd:backups --json', 'the same for programs'],
  ],
  async run(context) {
    const { openClusterScene } = await import('../lib/cluster/cluster.ts')
    const { knownSets } = await import('../lib/cluster/backup/backup-list.ts')
    const { backupRows, backupTable } = await import('../lib/cluster/backup/backup-table.ts')
    const { refuseSimulated } = await import('../lib/cluster/life/real-machines.ts')
    const { output, options } = context
    const scene = await openClusterScene(context)
    refuseSimulated(scene)
    const { sets, findings } = await output.live('list backups', () => knownSets(scene))
    output.findings(findings)
    if (options.json)
      output.json({ backups: backupRows(sets), problems: findings.map(({ message }) => message) })
    else output.data(backupTable(sets))
    return findings.length > 0 ? 1 : 0
  },
})
