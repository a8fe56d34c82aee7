import type { Progress } from '../../cli/change.ts'
import type { Finding } from '../../cli/errors.ts'
import { apiVersionOf, type ObjectRef, refOf, refTitle } from '../resource.ts'
import type { Desired } from '../sets/desired.ts'
import type { Scene } from '../sets/scene.ts'
import { type Dependency, dependenciesOf, dependencyKey } from './depends-on.ts'

/** The first object that this one depends on and that is neither in this run nor on the server. */
export async function missingDependency(scene: Scene, desired: Desired): Promise<Finding | undefined> {
  for (const dependency of dependenciesOf(desired.object)) {
    if (inRun(scene, dependency)) continue
    const ref = await served(scene, dependency)
    if (ref && (await scene.client.get(ref, { signal: scene.options.signal }))) continue
    const title = refTitle({ apiVersion: '', ...dependency })
    return {
      severity: 'error',
      message: `${desired.title} depends on ${title}, which does not exist`,
      hint: `apply ${title} in the same run, or correct the annotation`,
      ...desired.entry.source,
    }
  }
  return undefined
}

/** Waits until all that the object depends on is ready. */
export async function dependenciesReady(
  scene: Scene,
  { desired, progress }: { desired: Desired; progress: Progress },
): Promise<void> {
  for (const dependency of dependenciesOf(desired.object)) {
    const other = inRun(scene, dependency)
    const ref = other ? refOf(other.object) : await served(scene, dependency)
    if (ref) await scene.waiter.ready({ ref, source: other?.entry.source }, progress)
  }
}

function inRun({ sets }: Scene, dependency: Dependency): Desired | undefined {
  const key = dependencyKey(dependency)
  return sets.map(({ members }) => members.get(key)).find((desired) => desired !== undefined)
}

async function served(
  { client }: Scene,
  { group, kind, name, namespace }: Dependency,
): Promise<ObjectRef | undefined> {
  const all = (await client.discovery()).all()
  const resource = all.find((one) => one.group === group && one.kind === kind)
  return resource && { apiVersion: apiVersionOf(resource), kind, name, namespace }
}
