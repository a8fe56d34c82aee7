import { defineTask } from '../lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'volumes',
  summary: 'take over encrypted volumes that another tool made, as they are',
  description:
    'Reads what is there, shows it, and records it in tags of the logical volume: those are all that changes. From then ' +
    'on `tasks volumes` opens and mounts it, and never formats it.',
  arguments: {
    volume: { summary: 'name of a volume; all volumes of $NODE, or of all nodes, unless given' },
  },
  examples: [
    ['tasks volumes:adopt --dry-run', 'what is there, and nothing is changed'],
    ['NODE=kube1 tasks volumes:adopt data', 'one volume of one node'],
  ],
  async plan({ arguments: { volume }, ...context }) {
    const { openVolumes } = await import('../lib/volumes/chosen-volumes.ts')
    const { planChosen } = await import('../lib/volumes/chosen-plan.ts')
    const { volumePlan } = await import('../lib/volumes/volume-plan.ts')
    const { adoptedVolume } = await import('../lib/node/volumes/adopt.ts')
    const scene = await openVolumes(context, volume)
    const step = { name: 'adopt', title: 'Encrypted volumes of another tool' }
    const planned = await planChosen(scene, { ...step, resource: ({ volume: one }) => adoptedVolume(one) })
    return volumePlan({ ...planned, next: 'tasks volumes' }, { scene, command: 'tasks volumes:adopt' })
  },
})
