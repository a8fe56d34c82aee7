import type { Change, Step, Wave } from '../cli/change.ts'
import { TaskError } from '../cli/errors.ts'
import { type KubernetesObject, type ManifestObject, objectTitle } from '../manifest/object.ts'
import { removalWaves, removeChange } from './apply/remove-change.ts'
import type { ApiClient } from './client.ts'
import { createRun, type PlanOptions, type Run } from './run.ts'
import { applySetId, parentName } from './sets/applyset.ts'
import { contentsOfObjects } from './sets/contents.ts'
import { keptReason } from './sets/deletable.ts'
import { readMembers } from './sets/members.ts'
import { recordedSource, shrinkChange } from './sets/parent-change.ts'
import { parentOf, readParents } from './sets/parents.ts'
import { risksOf } from './sets/risks.ts'

/** Which set is to go. */
export interface DeleteTarget {
  name: string
  /** The files it was made from, as far as they are there: they tell which kinds to look for when the record is gone. */
  objects?: ManifestObject[]
  /** Where the operator says that it came from; another set of the same name is not meant. */
  source?: string
}

export interface DeleteOptions extends PlanOptions {
  /** The set's name was typed: what else stands inside its namespaces and kinds may go along. */
  confirmed?: boolean
}

/** Takes a set away: every member that the server knows, in reverse order, then its record. Reads only. */
export async function planDelete(
  client: ApiClient,
  target: DeleteTarget,
  options: DeleteOptions,
): Promise<Step> {
  const run = createRun(client, options)
  const { name, objects = [] } = target
  const parents = await readParents(run)
  const parent = parentOf(parents, name)
  refuseOtherPlace(target, parent)
  const id = applySetId(parentName(name))
  const wanted = { id, parent, objects: objects.map(({ object }) => object) }
  const members = (await readMembers(run, [wanted])).ofSet(id)
  const kept = members.filter((live) => keptReason(live, options))
  noteKept(run, kept)
  const going = members.filter((live) => !kept.includes(live))
  const risks = await risksOf(run, { objects: going, set: name, confirmed: options.confirmed })
  const waves = removalWaves(run, going, (live) => risks.get(live) ?? {})
  if (parent) waves.push(recordWave(run, { name, parent, kept }))
  return {
    name,
    title: `Delete ${name}`,
    waves: waves.filter(({ changes }) => changes.length > 0),
    unchanged: [],
  }
}

function refuseOtherPlace({ name, source }: DeleteTarget, parent: KubernetesObject | undefined): void {
  const recorded = parent && recordedSource(parent)
  if (!source || !recorded || source === recorded) return
  throw new TaskError(
    `the set ${name} was applied from ${recorded}, not from ${source}; nothing was deleted`,
    {
      hint: `if that set is meant, name it: --set ${name}`,
    },
  )
}

function noteKept({ findings, options }: Run, kept: KubernetesObject[]): void {
  for (const live of kept)
    findings.push({ severity: 'note', message: `${objectTitle(live)} stays: ${keptReason(live, options)}` })
}

// The record goes last, and only when nothing is left of the set: what stays must be found again.
function recordWave(
  run: Run,
  { name, parent, kept }: { name: string; parent: KubernetesObject; kept: KubernetesObject[] },
): Wave {
  const set = { name, source: recordedSource(parent) }
  const change: Change | undefined =
    kept.length === 0
      ? removeChange(run, parent)
      : shrinkChange(run, { set, parent, contents: contentsOfObjects(kept) })
  return { changes: change ? [change] : [], parallel: 1 }
}
