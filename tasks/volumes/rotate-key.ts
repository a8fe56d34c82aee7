import { defineTask } from '../lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'volumes',
  summary: 'give encrypted volumes new keys; the old ones open nothing any more',
  description:
    'In five steps, after each of which the key on the key server opens the volume: the new key is made beside the old ' +
    'one, gets a keyslot and is tried, takes the place of the old one, and only then the old keyslot and the old key go. ' +
    'Killed anywhere, the next run goes on from there. Volumes stay open and mounted. Backups of the headers are taken ' +
    'anew: an old one would bring the old key back. In git, and in copies of it, old backups stay until you remove them.',
  arguments: {
    volume: { summary: 'name of a volume; all volumes of $NODE, or of all nodes, unless given' },
  },
  examples: [
    ['tasks volumes:rotate-key', 'all volumes of all nodes'],
    ['NODE=kube1 tasks volumes:rotate-key data', 'one volume of one node'],
    ['tasks volumes:rotate-key --dry-run', 'every command, and nothing is changed'],
  ],
  async plan({ arguments: { volume }, ...context }) {
    const { openVolumes } = await import('../lib/volumes/chosen-volumes.ts')
    const { planRotation } = await import('../lib/volumes/rotation.ts')
    const { volumePlan } = await import('../lib/volumes/volume-plan.ts')
    const scene = await openVolumes(context, volume)
    const next = 'git add secrets/volumes && git commit'
    return volumePlan(
      { ...(await planRotation(scene)), next },
      { scene, command: 'tasks volumes:rotate-key', isKeyServerChanged: true },
    )
  },
})
