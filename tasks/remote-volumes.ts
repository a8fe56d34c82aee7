import { remoteVolumeFiles, remoteVolumeSet } from './lib/addons/remote-volumes.ts'
import { planOneSet } from './lib/addons/set-plan.ts'
import type { Plan } from './lib/cli/change.ts'
import { defineTask } from './lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'volumes',
  summary: 'offer folders of other servers (NFS) as PersistentVolumes, with their claims',
  description:
    'Applies volumes/*.yaml as one set, with $VARS as in manifests: NFS_HOST is the server. A volume that leaves the ' +
    'files stays in the cluster, named as an orphan. Samples to copy are in volumes/examples.',
  examples: [
    ['tasks remote-volumes', 'show what differs, ask, apply it'],
    ['tasks remote-volumes --dry-run', 'every line of it'],
  ],
  oldNames: ['volumes/nfs', 'remote_volumes'],
  async plan(context): Promise<Plan> {
    const files = await remoteVolumeFiles(context.root)
    if (files.length === 0) return nothingToOffer
    const plan = await planOneSet((config) => remoteVolumeSet(config, files), { ...context, flags: {} })
    return { ...plan, next: 'tasks status' }
  },
})

const nothingToOffer: Plan = {
  target: 'remote volumes',
  steps: [],
  findings: [
    {
      severity: 'note',
      message: 'volumes/ has no *.yaml: no remote volumes are offered',
      hint: 'cp volumes/examples/nfs-share.yaml volumes/',
    },
  ],
}
