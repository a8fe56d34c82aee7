import { defineTask } from '../lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'volumes',
  summary: 'open and mount encrypted volumes by hand, and start what waited for them',
  description:
    'The key is read from the key server over our own connection, not by the machine, and goes to it by stdin. With ' +
    '--recovery it is the recovery passphrase of secrets/volumes, or one that you type. Volumes that are open already ' +
    'are left alone. By hand on the machine: cryptsetup open /dev/VG/VOLUME luks-VOLUME, then mount PATH.',
  arguments: {
    volume: { summary: 'name of a volume; all volumes of $NODE, or of all nodes, unless given' },
  },
  options: {
    recovery: { type: 'boolean', summary: 'with the recovery passphrase: the key server is gone' },
  },
  examples: [
    ['tasks volumes:unlock', 'all that are closed'],
    ['NODE=kube1 tasks volumes:unlock data --recovery', 'without the key server'],
  ],
  async plan({ arguments: { volume }, ...context }) {
    const { openVolumes } = await import('../lib/volumes/chosen-volumes.ts')
    const { planUnlock } = await import('../lib/volumes/recovery-unlock.ts')
    const { volumePlan } = await import('../lib/volumes/volume-plan.ts')
    const scene = await openVolumes(context, volume)
    const planned = await planUnlock(scene, { recovery: context.options.recovery })
    // Typing it says it all: nothing stays changed.
    const plan = { ...planned, ask: false, next: 'tasks status' }
    return volumePlan(plan, { scene, command: 'tasks volumes:unlock' })
  },
})
