import { defineTask } from '../lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'cluster',
  summary: 'show the members of etcd: who leads, how they are, how large',
  description:
    'Asks every member three times over some seconds, from a control plane, and changes nothing. healthy: it answered ' +
    'each time and knows the leader; gone: it never answered; unsteady: anything between. Ends with 1 unless all are ' +
    'healthy. Where etcd has lost its majority, it shows what one member remembers.',
  examples: [
    ['tasks etcd:members', 'all members'],
    ['tasks etcd:members --json', 'the same for programs'],
  ],
  async run(context) {
    const { openClusterScene } = await import('../lib/cluster/cluster.ts')
    const { openEtcd } = await import('../lib/cluster/life/etcd-access.ts')
    const { memberRows, membersTable } = await import('../lib/cluster/life/members-text.ts')
    const { refuseSimulated } = await import('../lib/cluster/life/real-machines.ts')
    const { output, options } = context
    const scene = await openClusterScene(context)
    refuseSimulated(scene)
    const { view } = await output.live('ask the members of etcd', () => openEtcd(scene))
    const rows = memberRows(view)
    if (options.json) output.json({ hasQuorum: view.hasQuorum, members: rows })
    else output.data(membersTable(rows))
    if (!view.hasQuorum)
      output.findings([
        {
          severity: 'error',
          message: 'etcd has no majority: nothing can be written until enough members are back',
          hint: 'start their machines; where they are lost: tasks etcd:restore',
        },
      ])
    return view.hasQuorum && rows.every(({ health }) => health === 'healthy') ? 0 : 1
  },
})
