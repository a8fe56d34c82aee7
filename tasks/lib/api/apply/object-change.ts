import type { Change, Check, Progress } from '../../cli/change.ts'
import type { KubernetesObject } from '../../manifest/object.ts'
import type { Outcome, Update } from '../compare/outcome.ts'
import { objectError } from '../compare/server-error.ts'
import { isSimulated } from '../compare/simulated.ts'
import { objectLines } from '../objects/object-lines.ts'
import { refOf } from '../resource.ts'
import type { Desired } from '../sets/desired.ts'
import type { Scene } from '../sets/scene.ts'
import { canBeUnready } from '../wait/readiness.ts'
import type { Awaited } from '../wait/wait.ts'
import { applyObject } from './apply-object.ts'
import { dependenciesReady } from './dependencies.ts'
import { awaitGone, refuseLost } from './recreate.ts'
import { removeObject } from './remove-object.ts'

/** The state of an object that a plan was made on; a saved plan is stale when it has moved. */
export interface ObjectChange extends Change {
  /** "uid/resourceVersion", or nothing for an object that was not there. */
  basis?: string
}

type Changing = Exclude<Outcome, { kind: 'unchanged' | 'rehearsed' | 'finished' }>

/** The Check of an object that is as wanted, as read in the plan. */
export function objectCheck(
  scene: Scene,
  { desired, live }: { desired: Desired; live: KubernetesObject },
): Check {
  const known = knownOf(live)
  return {
    target: desired.title,
    simulated: isSimulated(scene, desired.object),
    verify: verification(scene, { desired, known: () => known }),
  }
}

/** The Check of an object that the server went through and, by our choice, did not store. */
export function rehearsedCheck(
  scene: Scene,
  { desired, reason }: { desired: Desired; reason: string },
): Check {
  const message = `${desired.title}: ${reason}`
  scene.findings.push({ severity: 'note', message, ...desired.entry.source })
  return { target: desired.title, simulated: true, verify: async () => {} }
}

/** The Change that makes an object as wanted. */
export function objectChange(
  scene: Scene,
  { desired, outcome }: { desired: Desired; outcome: Changing },
): ObjectChange {
  let stored: Known | undefined
  return Object.assign(face(desired, outcome), {
    simulated: isSimulated(scene, desired.object),
    async run(progress: Progress) {
      await dependenciesReady(scene, { desired, progress })
      stored = knownOf(await make(scene, { desired, outcome, progress }))
    },
    verify: verification(scene, { desired, known: () => stored }),
  })
}

interface Known {
  /** Undefined for a kind that is ready as soon as it is stored: there is nothing to keep of it. */
  object?: KubernetesObject
  at: number
}

function knownOf(object: KubernetesObject): Known {
  return { object: canBeUnready(object) ? object : undefined, at: Date.now() }
}

function verification(
  scene: Scene,
  { desired, known }: { desired: Desired; known: () => Known | undefined },
): Check['verify'] {
  return async (progress) => {
    const state = known()
    if (state) await refuseLost(scene, { desired, at: state.at })
    if (state && !state.object) return
    const awaited = { ref: refOf(desired.object), source: desired.entry.source, labelled: true }
    await scene.waiter.ready({ ...awaited, known: state as Awaited['known'] }, progress)
  }
}

/** How the plan shows it. The lines are made when somebody reads them: a plan may hold 40,000. */
function face(desired: Desired, outcome: Changing): Omit<ObjectChange, 'run' | 'verify'> {
  const { kind } = outcome
  const live = kind === 'create' ? undefined : outcome.live
  const shownBefore = isUpdate(outcome) ? outcome.before : live
  const shownAfter = isUpdate(outcome) ? outcome.after : desired.object
  const blocked = 'blocked' in outcome ? outcome.blocked : undefined
  const note = 'note' in outcome ? outcome.note : undefined
  return {
    target: desired.title,
    title: `${kind} ${desired.title}`,
    action: kind,
    get before() {
      return shownBefore ? objectLines(shownBefore) : []
    },
    get after() {
      return objectLines(shownAfter)
    },
    source: desired.entry.source,
    notes: note ? [note] : undefined,
    blocked,
    basis: live && `${live.metadata.uid}/${live.metadata.resourceVersion}`,
  }
}

function isUpdate(outcome: Changing): outcome is Update {
  return outcome.kind === 'update' || outcome.kind === 'adopt'
}

async function make(
  scene: Scene,
  { desired, outcome, progress }: { desired: Desired; outcome: Changing; progress: Progress },
): Promise<KubernetesObject> {
  const { title } = desired
  try {
    if (outcome.kind === 'create' && outcome.gone) await awaitGone(scene, { live: outcome.gone, progress })
    if (outcome.kind === 'replace') {
      await removeObject(scene, outcome.live)
      await awaitGone(scene, { live: outcome.live, progress })
    }
    return await applyObject(
      scene,
      { desired, takesOver: isUpdate(outcome) && outcome.takesOver },
      { signal: progress.signal, say: (text) => progress.say(`${title}: ${text}`) },
    )
  } catch (error) {
    throw objectError(error, desired)
  }
}
