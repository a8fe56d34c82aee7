import { defineTask } from './lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'cluster',
  summary: 'show until when the certificates of all nodes are good, and who renews them',
  description:
    'Certificates of kubeadm, of kubelets, of etcd on hosts of its own and in kubeconfigs on the nodes. Changes nothing. ' +
    'Ends 1 when one has expired or ends soon, or a node does not answer.',
  options: {
    within: {
      type: 'number',
      summary: 'how many days count as soon',
      default: 30,
      valueName: 'DAYS',
    },
  },
  examples: [
    ['tasks certs', 'all certificates, those that end first on top'],
    ['tasks certs --within 60 --json', 'the same for a program; two months count as soon'],
  ],
  oldNames: ['certificates'],
  async run(context) {
    const { openClusterScene } = await import('./lib/cluster/cluster.ts')
    const { certificateRows, certificateTable } = await import('./lib/cluster/certs/certificate-rows.ts')
    const { refuseSimulated } = await import('./lib/cluster/life/real-machines.ts')
    const { output, options } = context
    const scene = await openClusterScene(context)
    refuseSimulated(scene)
    const rows = certificateRows(scene.survey, { now: scene.now(), withinDays: options.within })
    if (options.json) output.json({ certificates: rows })
    else if (rows.length > 0) output.data(certificateTable(rows))
    const silent = [...scene.survey.unreachable.values()]
    output.findings(silent)
    const ending = rows.filter(({ state }) => state !== 'good')
    if (ending.some(({ renewedBy }) => renewedBy === 'tasks certs:renew')) output.next('tasks certs:renew')
    return ending.length + silent.length > 0 ? 1 : 0
  },
})
