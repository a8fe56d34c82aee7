import type { Plan } from '../cli/change.ts'
import type { Machine } from '../node/machine.ts'
import { planNodes } from '../node/plan/plan-nodes.ts'
import type { Resource } from '../node/resource.ts'
import type { ChosenVolume, VolumeScene } from './chosen-volumes.ts'

/** A step with one resource for each chosen volume; each machine is asked once. */
export async function planChosen(
  { chosen, config }: VolumeScene,
  { name, title, resource }: { name: string; title: string; resource(volume: ChosenVolume): Resource },
): Promise<Pick<Plan, 'steps' | 'findings'>> {
  const byMachine = new Map<Machine, Resource[]>()
  for (const volume of chosen)
    byMachine.set(volume.machine, [...(byMachine.get(volume.machine) ?? []), resource(volume)])
  const work = [...byMachine].map(([machine, resources]) => ({ machine, resources }))
  return planNodes([{ name, title, work }], { parallel: config.cluster.ssh.parallel })
}
