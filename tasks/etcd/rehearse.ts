import { defineTask } from '../lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'cluster',
  summary: 'rehearse a restore on this machine: a real etcd and API server with the backup',
  description:
    'Restores the backup into an etcd and an API server of their own, in memory and on loopback, with the encryption ' +
    'keys of the backup; asks for the UID of kube-system, reads every Secret, and removes everything. No machine of the ' +
    'cluster is touched. The programs are those of the sandbox.',
  arguments: {
    backup: { summary: 'a name of etcd:backups, latest, or a file; latest unless given', complete: 'files' },
  },
  examples: [
    ['tasks etcd:rehearse', 'the newest backup of all places'],
    ['tasks etcd:rehearse ./etcd-home-kube1-20260101T030000Z.age', 'a file'],
  ],
  async run(context) {
    const { openClusterScene } = await import('../lib/cluster/cluster.ts')
    const { chosenSet } = await import('../lib/cluster/backup/chosen-set.ts')
    const { rehearse } = await import('../lib/cluster/backup/rehearsal.ts')
    const { operatorProgram } = await import('../lib/node/software/operator-program.ts')
    const { output, signal, options, arguments: named } = context
    const scene = await openClusterScene(context)
    const set = await chosenSet(named.backup ?? 'latest', { scene, output })
    const rehearsed = await output.live(`rehearse ${set.title}`, async (say) => {
      const progress = { say, signal }
      const etcdutl = await operatorProgram('etcdutl', { ...scene.config, progress })
      return rehearse(set, { config: scene.config, etcdutl, ...progress })
    })
    const { kubeSystemUid, namespaces, secrets, kubernetesVersion } = rehearsed
    if (options.json) output.json({ backup: set.manifest.name, ...rehearsed })
    else
      output.line(
        `${set.manifest.name} can be restored: cluster ${kubeSystemUid}, ${namespaces} namespaces, ${secrets} Secrets read by Kubernetes ${kubernetesVersion}`,
      )
  },
})
