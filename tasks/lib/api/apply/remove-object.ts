import type { Progress } from '../../cli/change.ts'
import { TaskError } from '../../cli/errors.ts'
import { type KubernetesObject, objectTitle } from '../../manifest/object.ts'
import { isConflict } from '../errors.ts'
import { refOf } from '../resource.ts'
import type { Run } from '../run.ts'

/**
 * Deletes exactly the object that was read: another one that has taken its name since is left alone. Its dependents
 * go in the background.
 */
export async function removeObject({ client }: Run, live: KubernetesObject): Promise<void> {
  try {
    await client.remove(refOf(live), { uid: String(live.metadata.uid), propagationPolicy: 'Background' })
  } catch (error) {
    if (!isConflict(error)) throw error
    throw new TaskError(`${objectTitle(live)} was deleted and made anew since the plan; it was left alone`, {
      hint: 'run the same command again: it reads the cluster anew',
      cause: error,
    })
  }
}

/** Waits until a deleted object is not there any more. */
export function awaitRemoval({ waiter }: Run, live: KubernetesObject, progress: Progress): Promise<void> {
  return waiter.gone({ ref: refOf(live), uid: String(live.metadata.uid), labelled: true }, progress)
}
