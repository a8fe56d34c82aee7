import { type Finding, TaskError } from '../../cli/errors.ts'
import type { KubernetesObject } from '../../manifest/object.ts'
import { contentsOf, type SetContents } from '../sets/applyset.ts'
import type { Desired } from '../sets/desired.ts'
import { hasFinished } from '../sets/finished-jobs.ts'
import { membershipFinding, setIdOf } from '../sets/membership.ts'
import type { Scene } from '../sets/scene.ts'
import { missingBasis } from './basis.ts'
import { conflictFinding } from './conflicts.ts'
import { rehearse } from './dry-run.ts'
import { immutableFinding, isToBeReplaced } from './immutable.ts'
import { isAsApplied } from './ownership.ts'
import { objectError } from './server-error.ts'
import { shortLived } from './short-lived.ts'
import { projected, sameStored } from './stored.ts'

/** What is to be done about one object. */
export type Outcome =
  | { kind: 'unchanged'; live: KubernetesObject }
  /** The server goes through it and stores nothing, by our choice. */
  | { kind: 'rehearsed'; reason: string }
  /** A Job that has completed and went away by itself. */
  | { kind: 'finished' }
  | Creation
  | Update
  | { kind: 'replace'; live: KubernetesObject }

interface Creation {
  kind: 'create'
  /** The one that is being deleted and has to go first. */
  gone?: KubernetesObject
  note?: string
  blocked?: Finding
}

export interface Update {
  kind: 'update' | 'adopt'
  live: KubernetesObject
  before: KubernetesObject
  after: KubernetesObject
  /** Fields of an earlier `kubectl apply` become ours. */
  takesOver?: boolean
  note?: string
  blocked?: Finding
}

interface Pair {
  desired: Desired
  live: KubernetesObject
}

/** Compares what is wanted with what is there: reads, and asks for a dry run where reading does not tell. */
export async function outcomeOf(
  scene: Scene,
  { desired, live }: Partial<Pair> & { desired: Desired },
): Promise<Outcome> {
  const reason = scene.options.transient?.(desired.object)
  if (reason) return rehearsed(scene, { desired, reason })
  if ((!live || live.metadata.deletionTimestamp) && hasFinished(desired.object, recordOf(scene, desired)))
    return { kind: 'finished' }
  const useless = live ? undefined : await shortLived(scene, desired.object)
  if (useless) return rehearsed(scene, { desired, reason: useless })
  if (!live) return { kind: 'create', blocked: await missingBasis(scene, desired) }
  if (await isLeaving(scene, live)) return replacement(scene, { desired, live })
  const blocked = membershipFinding(scene, { desired, live })
  if (blocked) return unclear({ desired, live }, { blocked })
  if (isAsApplied(desired.object, live)) return { kind: 'unchanged', live }
  if (live.apiVersion !== desired.object.apiVersion)
    return unclear(
      { desired, live },
      { note: `${desired.object.apiVersion} is not served yet: compared with ${live.apiVersion}` },
    )
  try {
    return await rehearsal(scene, { desired, live })
  } catch (error) {
    return unclear({ desired, live }, { blocked: findingOf(error, desired) })
  }
}

function recordOf({ parents }: Scene, { set }: Desired): SetContents | undefined {
  const parent = parents.get(set.id)
  return parent && contentsOf(parent)
}

async function rehearsed(
  scene: Scene,
  { desired, reason }: { desired: Desired; reason: string },
): Promise<Outcome> {
  try {
    if (desired.resource)
      await scene.client.apply(desired.object, { dryRun: true, force: true, signal: scene.options.signal })
    return { kind: 'rehearsed', reason }
  } catch (error) {
    return { kind: 'create', blocked: findingOf(error, desired) }
  }
}

// What stands in a namespace that is being deleted goes with it, deleted itself by now or not.
async function isLeaving(scene: Scene, { metadata }: KubernetesObject): Promise<boolean> {
  if (metadata.deletionTimestamp) return true
  const namespace = metadata.namespace ? await scene.namespace(metadata.namespace) : undefined
  return namespace?.metadata.deletionTimestamp !== undefined
}

async function replacement(scene: Scene, { desired, live }: Pair): Promise<Outcome> {
  const note = 'the old one is being deleted and goes first'
  return { kind: 'create', gone: live, note, blocked: await missingBasis(scene, desired) }
}

async function rehearsal(scene: Scene, { desired, live }: Pair): Promise<Outcome> {
  const found = await rehearse(scene, { desired, live })
  switch (found.result) {
    case 'conflict':
      return unclear({ desired, live }, { blocked: conflictFinding(found.conflicts, { desired, live }) })
    case 'immutable':
      if (isToBeReplaced(desired, scene.options.replace)) return { kind: 'replace', live }
      return unclear({ desired, live }, { blocked: immutableFinding(found.fields, { desired, live }) })
    case 'unknown':
      return unclear({ desired, live }, { note: `compared with the manifest only: ${found.reason}` })
    case 'stored': {
      const { after, takesOver } = found
      if (sameStored(live, after)) return { kind: 'unchanged', live }
      return { kind: actionFor({ desired, live }), live, before: live, after, takesOver }
    }
  }
}

/** An update that no server has worked out: what the manifest says, against what is there of it. */
function unclear({ desired, live }: Pair, { note, blocked }: Pick<Update, 'note' | 'blocked'>): Update {
  const before = { ...(projected(live, desired.object) as KubernetesObject), apiVersion: live.apiVersion }
  return { kind: actionFor({ desired, live }), live, before, after: desired.object, note, blocked }
}

function actionFor({ desired, live }: Pair): 'update' | 'adopt' {
  return setIdOf(live) === desired.set.id ? 'update' : 'adopt'
}

/** Everything that the server says about the object, in one finding; what is not about the object is thrown. */
function findingOf(error: unknown, desired: Desired): Finding {
  const told = objectError(error, desired)
  if (!(told instanceof TaskError) || told === error) throw error
  const [first, ...rest] = told.findings
  return { ...first!, message: [first!.message, ...rest.map(({ message }) => message)].join('\n') }
}
