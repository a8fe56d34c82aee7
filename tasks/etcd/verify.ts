import { defineTask } from '../lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'cluster',
  summary: 'open a backup with your own key and restore it on trial, on this machine',
  description:
    'Decrypts the backup in memory, compares every file in it with its checksum, and restores the snapshot: only that ' +
    'finds what was changed in it. Nothing is written to a disk, and no machine of the cluster is touched.',
  arguments: {
    backup: { summary: 'a name of etcd:backups, latest, or a file; latest unless given', complete: 'files' },
  },
  examples: [
    ['tasks etcd:verify', 'the newest backup of all places'],
    ['tasks etcd:verify ./etcd-home-kube1-20260101T030000Z.age', 'a file'],
  ],
  async run(context) {
    const { openClusterScene } = await import('../lib/cluster/cluster.ts')
    const { chosenSet } = await import('../lib/cluster/backup/chosen-set.ts')
    const { tryRestore } = await import('../lib/cluster/backup/trial.ts')
    const { operatorProgram } = await import('../lib/node/software/operator-program.ts')
    const { output, signal, arguments: named } = context
    const scene = await openClusterScene(context)
    const set = await chosenSet(named.backup ?? 'latest', { scene, output })
    await output.live(`restore ${set.title} on trial`, async (say) => {
      const etcdutl = await operatorProgram('etcdutl', { ...scene.config, progress: { say, signal } })
      await tryRestore(set, { etcdutl, signal })
    })
    const { name, revision, keys, kubeSystemUid, etcd } = set.manifest
    output.line(
      `${name} is whole: etcd ${etcd}, revision ${revision}, ${keys} keys, cluster ${kubeSystemUid}`,
    )
  },
})
