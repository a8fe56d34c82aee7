import type { Change } from '../../cli/change.ts'
import type { KubernetesObject } from '../../manifest/object.ts'
import { objectLines } from '../objects/object-lines.ts'
import type { ObjectSet, Run } from '../run.ts'
import {
  contentsOf,
  parentObject,
  type SetContents,
  sameContents,
  sourceAnnotation,
  unionOfContents,
} from './applyset.ts'
import { contentsOfObjects } from './contents.ts'
import { withFinishedJobs } from './finished-jobs.ts'

/** What a set's record says. */
interface Recorded {
  source: string
  contents: SetContents
}

/** A set by its name and where it comes from. */
type Named = Pick<ObjectSet, 'name' | 'source'>

/**
 * The Changes of a set's record: before the objects are touched it names what the set held and what it will hold,
 * afterwards only the latter. So a run that stops anywhere leaves nothing that the next one does not find.
 */
export function parentChanges(
  run: Run,
  {
    set,
    parent,
    contents,
    jobs,
  }: { set: Named; parent?: KubernetesObject; contents: SetContents; jobs: KubernetesObject[] },
): { before?: Change; after?: Change } {
  const from = parent && recordedIn(parent)
  const nothing = contentsOfObjects([])
  const wide = { source: set.source, contents: unionOfContents(from?.contents ?? nothing, contents) }
  const exact = { source: set.source, contents }
  return {
    before: recordChange(run, { set, from, to: wide }),
    after: recordChange(run, { set, from: wide, to: exact, jobs }),
  }
}

/** The Change of a record that is to name only what is left of the set; nothing when it does so already. */
export function shrinkChange(
  run: Run,
  { set, parent, contents }: { set: Named; parent: KubernetesObject; contents: SetContents },
): Change | undefined {
  return recordChange(run, { set, from: recordedIn(parent), to: { source: set.source, contents } })
}

/** Where the set's objects came from, as its record says. */
export function recordedSource(parent: KubernetesObject): string {
  return parent.metadata.annotations?.[sourceAnnotation] ?? ''
}

function recordedIn(parent: KubernetesObject): Recorded {
  return { source: recordedSource(parent), contents: contentsOf(parent) }
}

function recordChange(
  run: Run,
  { set, from, to, jobs = [] }: { set: Named; from?: Recorded; to: Recorded; jobs?: KubernetesObject[] },
): Change | undefined {
  if (from && from.source === to.source && sameContents(from.contents, to.contents)) return undefined
  const wanted = parentObject(set.name, to)
  const { kind, metadata } = wanted
  return {
    target: `${kind} ${metadata.namespace}/${metadata.name}`,
    title: `record what the set ${set.name} holds`,
    action: from ? 'update' : 'create',
    before: from ? objectLines(parentObject(set.name, from)) : [],
    after: objectLines(wanted),
    async run(progress) {
      const contents = await withFinishedJobs(run, { contents: to.contents, jobs, progress })
      await run.client.apply(parentObject(set.name, { ...to, contents }), { force: true })
    },
    verify: async () => {},
  }
}
