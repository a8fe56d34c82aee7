import { setTimeout as sleep } from 'node:timers/promises'
import type { Progress } from '../../cli/change.ts'
import type { KubernetesObject } from '../../manifest/object.ts'
import { fieldConflicts, isEarlierSelf } from '../compare/conflicts.ts'
import { beforeFirstApply } from '../compare/managed-fields.ts'
import { migrateOwners } from '../compare/takeover.ts'
import { refOf } from '../resource.ts'
import type { Desired } from '../sets/desired.ts'
import type { Scene } from '../sets/scene.ts'
import { passingReason, terminatingNamespace } from './passing.ts'
import { awaitNamespace } from './recreate.ts'

/** How an object is to be applied. */
export interface ApplyOrder {
  desired: Desired
  /** Merge what an earlier `kubectl apply` owned into our own fields first. */
  takesOver?: boolean
}

/** How long what an object needs may take to come up: a webhook's pods have to be scheduled, pulled and started. */
const patienceMilliseconds = 120_000

/** Applies one object; says what it waits for when something it needs is not up yet. */
export async function applyObject(
  scene: Scene,
  order: ApplyOrder,
  progress: Progress,
): Promise<KubernetesObject> {
  const { desired, takesOver } = order
  if (takesOver) await migrateOwners(scene.client, desired.object)
  const until = Date.now() + patienceMilliseconds
  for (let pause = 250; ; pause = Math.min(pause * 2, 8000)) {
    try {
      return await applyOnce(scene, order)
    } catch (error) {
      if (terminatingNamespace(error)) {
        await awaitNamespace(scene, { desired, progress })
        continue
      }
      const reason = passingReason(error)
      if (!reason || Date.now() > until) throw error
      progress.say(`waiting for ${reason}`)
      await sleep(pause, undefined, { signal: progress.signal })
    }
  }
}

async function applyOnce(scene: Scene, order: ApplyOrder): Promise<KubernetesObject> {
  const { client, options } = scene
  const { object } = order.desired
  try {
    return await client.apply(object, { force: options.forceConflicts })
  } catch (error) {
    const conflicts = fieldConflicts(error)
    if (!order.takesOver || conflicts.length === 0 || !conflicts.every(isEarlierSelf)) throw error
    return applyOverUnowned(scene, { object, error })
  }
}

/**
 * An object from before there were managers has no entry to migrate: the server makes "before-first-apply" up as it
 * applies. Taking over from it is safe as long as the object is the one that was looked at.
 */
async function applyOverUnowned(
  { client }: Scene,
  { object, error }: { object: KubernetesObject; error: unknown },
): Promise<KubernetesObject> {
  const live = await client.get(refOf(object))
  const unowned = fieldConflicts(error).every(({ manager }) => manager === beforeFirstApply)
  if (!live || !unowned) throw error
  const metadata = {
    ...object.metadata,
    uid: live.metadata.uid,
    resourceVersion: live.metadata.resourceVersion,
  }
  return client.apply({ ...object, metadata }, { force: true })
}
