import { defineTask } from '../lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'volumes',
  summary: 'keep an encrypted backup of the LUKS header of each volume, or restore one',
  description:
    'Without its header a volume is lost, whatever keys there are. The backup goes into secrets/volumes, encrypted, and ' +
    'is tried with the key of the volume; one that says what the header says is left as it is. --restore writes it back ' +
    'where the header is damaged: never that of another volume, never one that would bring back a removed key. It asks ' +
    'for the name of the volume, and copies what is there first.',
  arguments: {
    volume: { summary: 'name of a volume; all volumes of $NODE, or of all nodes, unless given' },
  },
  options: {
    restore: { type: 'boolean', summary: 'write the backup back to the volume, whose name has to be typed' },
  },
  examples: [
    ['tasks volumes:header-backup', 'of all volumes whose header has changed'],
    ['NODE=kube1 tasks volumes:header-backup data --restore', 'after the header was overwritten'],
  ],
  confirmName: ({ arguments: { volume }, options: { restore } }) => (restore ? volume : undefined),
  async plan({ arguments: { volume }, ...context }) {
    const { restore } = context.options
    const { UsageError } = await import('../lib/cli/errors.ts')
    if (restore && !volume)
      throw new UsageError('--restore needs the name of a volume', {
        hint: 'NODE=kube1 tasks volumes:header-backup data --restore',
      })
    const { openVolumes } = await import('../lib/volumes/chosen-volumes.ts')
    const { planBackups } = await import('../lib/volumes/rotation.ts')
    const { planRestore } = await import('../lib/volumes/header-backup-restore.ts')
    const { volumePlan } = await import('../lib/volumes/volume-plan.ts')
    const scene = await openVolumes(context, volume)
    const planned = await (restore ? planRestore(scene) : planBackups(scene))
    const next = restore ? 'tasks volumes:unlock' : 'git add secrets/volumes && git commit'
    return volumePlan({ ...planned, next }, { scene, command: 'tasks volumes:header-backup' })
  },
})
