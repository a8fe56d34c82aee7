import type { Step } from '../cli/change.ts'
import type { KubernetesObject } from '../manifest/object.ts'
import type { ApiClient } from './client.ts'
import { readExisting } from './compare/existing.ts'
import { createRun, type ObjectSet, type PlanOptions } from './run.ts'
import { type Desired, desiredSets } from './sets/desired.ts'
import { readMembers } from './sets/members.ts'
import { parentOf, readParents, refuseOtherSource } from './sets/parents.ts'
import { sceneOf } from './sets/scene.ts'
import { setStep } from './sets/set-step.ts'

/**
 * What would change on the server so that it holds these sets, one Step for each, in their order. Reads and asks for
 * dry runs only. What cannot be done stands in the plan as a blocked Change.
 */
export async function planSets(client: ApiClient, sets: ObjectSet[], options: PlanOptions): Promise<Step[]> {
  const run = createRun(client, options)
  const [wanted, parents] = await Promise.all([desiredSets(run, sets), readParents(run)])
  for (const set of sets) refuseOtherSource(set, { parents, options })
  const scene = sceneOf(run, { sets: wanted, parents })
  const members = await readMembers(
    run,
    wanted.map(({ set, id, members }) => ({
      id,
      parent: parentOf(parents, set.name),
      objects: objectsIn(members),
    })),
  )
  const all = wanted.flatMap((set) => [...set.members.values()])
  const others = await readExisting(
    run,
    all.filter(({ object }) => !members.find(object)),
  )
  const live = ({ object, key }: Desired) => members.find(object) ?? others.get(key)
  const steps: Step[] = []
  for (const desired of wanted)
    steps.push(await setStep(scene, { desired, members: members.ofSet(desired.id), live }))
  return steps
}

function objectsIn(members: Map<string, Desired>): KubernetesObject[] {
  return [...members.values()].map(({ object }) => object)
}
