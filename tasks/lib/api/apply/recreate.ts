import type { Progress } from '../../cli/change.ts'
import { TaskError } from '../../cli/errors.ts'
import { type KubernetesObject, objectTitle } from '../../manifest/object.ts'
import { refOf } from '../resource.ts'
import type { Desired } from '../sets/desired.ts'
import type { Scene } from '../sets/scene.ts'

/** Waits until an object that is being deleted is gone, so that a new one can take its name. */
export async function awaitGone(
  scene: Scene,
  { live, progress }: { live: KubernetesObject; progress: Progress },
): Promise<void> {
  await scene.waiter.gone({ ref: refOf(live), uid: String(live.metadata.uid) }, progress)
}

/** Waits until the object's namespace, which is being deleted, is gone, and makes it anew where this run has it. */
export async function awaitNamespace(
  scene: Scene,
  { desired, progress }: { desired: Desired; progress: Progress },
): Promise<void> {
  const name = desired.object.metadata.namespace!
  const live = await scene.client.get({ apiVersion: 'v1', kind: 'Namespace', name })
  if (live?.metadata.deletionTimestamp) await awaitGone(scene, { live, progress })
  const wanted = scene.namespaces.get(name)
  if (!wanted)
    throw new TaskError(`${desired.title}: namespace ${name} was deleted meanwhile`, {
      ...desired.entry.source,
      hint: `kubectl create namespace ${name}, then run the same command again`,
    })
  scene.renewed.set(name, Date.now())
  await scene.client.apply(wanted.object)
  await scene.waiter.ready({ ref: refOf(wanted.object), source: wanted.entry.source }, progress)
}

/** Throws when the object, known at this time, went away with a namespace that was made anew later. */
export async function refuseLost(
  { renewed, client }: Scene,
  { desired, at }: { desired: Desired; at: number },
): Promise<void> {
  const { object, entry } = desired
  const { namespace = '' } = object.metadata
  if ((renewed.get(namespace) ?? 0) <= at || (await client.get(refOf(object)))) return
  throw new TaskError(
    `${objectTitle(object)} went with namespace ${namespace}, which was deleted meanwhile`,
    {
      ...entry.source,
      hint: 'run the same command again: it makes anew what was in it',
    },
  )
}
