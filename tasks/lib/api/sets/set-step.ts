import type { Change, Check, Step, Wave } from '../../cli/change.ts'
import type { KubernetesObject } from '../../manifest/object.ts'
import { orderedWaves } from '../apply/depends-on.ts'
import { objectChange, objectCheck, rehearsedCheck } from '../apply/object-change.ts'
import { removalWaves } from '../apply/remove-change.ts'
import { waveOf } from '../apply/waves.ts'
import { outcomeOf } from '../compare/outcome.ts'
import { keyOf } from '../objects/identity.ts'
import { mapLimited } from '../objects/map-limited.ts'
import type { SetContents } from './applyset.ts'
import { contentsOfObjects } from './contents.ts'
import type { Desired, DesiredSet } from './desired.ts'
import { vanishingJob } from './finished-jobs.ts'
import { parentChanges } from './parent-change.ts'
import { parentOf } from './parents.ts'
import { type Pruning, pruningOf } from './prune.ts'
import { risksOf } from './risks.ts'
import type { Scene } from './scene.ts'

/** What the server holds for a set. */
export interface SetState {
  desired: DesiredSet
  /** All members by label. */
  members: KubernetesObject[]
  /** The object of this identity, a member or not. */
  live(desired: Desired): KubernetesObject | undefined
}

/** How many objects are compared, applied or deleted at once; the client stays below by itself. */
const parallel = 96

/** One set's part of the plan: its record, its objects wave by wave, what is to go, and the record as it is then. */
export async function setStep(scene: Scene, state: SetState): Promise<Step> {
  const { desired, members } = state
  const { set } = desired
  const parent = parentOf(scene.parents, set.name)
  // A set that never was needs no record.
  if (!parent && desired.members.size === 0)
    return { name: set.name, title: set.title, waves: [], unchanged: [] }
  const { changes, unchanged } = await compareAll(scene, state)
  const pruning = pruningOf(scene, { set: desired, members })
  const contents = contentsAfter(scene, { desired, pruning })
  const record = parentChanges(scene, {
    set,
    contents,
    jobs: vanishingJobs(desired),
    parent,
  })
  const waves = [
    alone(record.before),
    ...applyWaves(desired, changes),
    ...(await pruneWaves(scene, { desired, pruning })),
    alone(record.after),
  ]
  return {
    name: set.name,
    title: set.title,
    waves: waves.filter(({ changes }) => changes.length > 0),
    unchanged,
  }
}

async function compareAll(
  scene: Scene,
  { desired, live }: SetState,
): Promise<{ changes: Map<string, Change>; unchanged: Check[] }> {
  const changes = new Map<string, Change>()
  const unchanged: Check[] = []
  const compare = async (wanted: Desired) => {
    const outcome = await outcomeOf(scene, { desired: wanted, live: live(wanted) })
    if (outcome.kind === 'finished') unchanged.push({ target: wanted.title, verify: async () => {} })
    else if (outcome.kind === 'unchanged')
      unchanged.push(objectCheck(scene, { desired: wanted, live: outcome.live }))
    else if (outcome.kind === 'rehearsed')
      unchanged.push(rehearsedCheck(scene, { desired: wanted, reason: outcome.reason }))
    else changes.set(wanted.key, objectChange(scene, { desired: wanted, outcome }))
  }
  await mapLimited([...desired.members.values()], { limit: parallel, map: compare })
  return { changes, unchanged }
}

function vanishingJobs({ members }: DesiredSet): KubernetesObject[] {
  return [...members.values()].map(({ object }) => object).filter((object) => vanishingJob(object))
}

function applyWaves({ members }: DesiredSet, changes: Map<string, Change>): Wave[] {
  const wanted = [...members.values()].map(({ object, entry }) => ({
    ...entry,
    object,
    placeOf: entry.placeOf,
  }))
  return orderedWaves(wanted).map((wave) => ({
    changes: wave.map(({ object }) => changes.get(keyOf(object))).filter((change) => change !== undefined),
    parallel,
    gate: waveOf(wave[0]!.object) === 0 || undefined,
  }))
}

function contentsAfter(
  { options }: Scene,
  { desired, pruning }: { desired: DesiredSet; pruning: Pruning },
): SetContents {
  const objects = [...desired.members.values()].map(({ object }) => object)
  return contentsOfObjects([...objects.filter((object) => !options.transient?.(object)), ...pruning.kept])
}

async function pruneWaves(
  scene: Scene,
  { desired, pruning }: { desired: DesiredSet; pruning: Pruning },
): Promise<Wave[]> {
  const { surplus, blocked } = pruning
  const risks = await risksOf(scene, { objects: surplus, set: desired.set.name })
  return removalWaves(scene, surplus, (live) => (blocked ? { blocked } : (risks.get(live) ?? {})))
}

function alone(change: Change | undefined): Wave {
  return { changes: change ? [change] : [], parallel: 1 }
}
