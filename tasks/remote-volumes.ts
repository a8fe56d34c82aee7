import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { planManifests } from './lib/addons/set-plan.ts'
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
    const folder = join(context.root, 'volumes')
    const names = (await readdir(folder).catch(() => [])).filter((name) => /\.ya?ml$/.test(name)).sort()
    if (names.length === 0) return nothingToOffer
    const files = names.map((name) => relative(process.cwd(), join(folder, name)))
    const plan = await planManifests(files, { ...context, flags: { set: 'remote-volumes' } })
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
