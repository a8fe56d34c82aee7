import { defineTask } from '../lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'volumes',
  summary: 'extend encrypted volumes to the size in cluster.yaml, while in use',
  description:
    'The logical volume, the opened device and the file system, each where it is smaller than what is below it: killed ' +
    'between any two, the next run goes on. None ever shrinks.',
  arguments: {
    volume: { summary: 'name of a volume; all volumes of $NODE, or of all nodes, unless given' },
  },
  examples: [
    ['tasks volumes:grow', 'all that are larger in cluster.yaml'],
    ['NODE=kube1 tasks volumes:grow data', 'one volume of one node'],
  ],
  async plan({ arguments: { volume }, ...context }) {
    const { openVolumes } = await import('../lib/volumes/chosen-volumes.ts')
    const { planChosen } = await import('../lib/volumes/chosen-plan.ts')
    const { volumePlan } = await import('../lib/volumes/volume-plan.ts')
    const { volumeSize } = await import('../lib/node/volumes/volume-resource.ts')
    const scene = await openVolumes(context, volume)
    const step = { name: 'grow', title: 'Size of encrypted volumes' }
    const planned = await planChosen(scene, {
      ...step,
      resource: ({ volume: one, key }) => volumeSize(one, key),
    })
    return volumePlan({ ...planned, next: 'tasks status' }, { scene, command: 'tasks volumes:grow' })
  },
})
