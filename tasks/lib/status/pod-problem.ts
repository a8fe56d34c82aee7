import { conditionOf, type Observed } from '../api/objects/observed.ts'
import type { Feed, Seen } from '../api/wait/feed.ts'
import { creationFailure } from '../api/wait/workload-events.ts'
import { podFailure } from '../api/wait/workload-pods.ts'
import type { Lists } from './lists.ts'

/** Why the pods of a workload do not come up, in the words of a run that waits for it. */
export function podProblem(workload: Observed, lists: Lists): { text: string; isFinal: boolean } | undefined {
  const { namespace } = workload.metadata
  const pods = snapshot(lists.pods, namespace)
  const replicaSets = workload.kind === 'Deployment' ? snapshot(lists.replicaSets, namespace) : undefined
  const events = snapshot(lists.refusals, namespace)
  const failure = podFailure(workload, { feeds: [], pods, replicaSets, events })
  return failure ? { text: failure, isFinal: true } : creationFailure(workload, events)
}

/** For how long an object has been as it is, as far as it says so; 0 where it does not. */
export function seenSeconds(object: Observed): number {
  return (Date.now() - (sinceOf(object) ?? Date.now())) / 1000
}

/** A controller that is refused tries again at least every 17 minutes: an older event is about what was. */
const eventMinutes = 20

// One moment, in the form in which the rules of waiting read what they watch.
function snapshot(objects: Observed[], namespace: string | undefined): Feed {
  const now = Date.now()
  const seen = objects
    .filter(({ metadata }) => metadata.namespace === namespace)
    .map((object): [string, Seen] => {
      const since = sinceOf(object)
      const isNew = now - (since ?? 0) < eventMinutes * 60_000
      return [object.metadata.name, { object, since: since ?? now, isNew }]
    })
  return { objects: new Map(seen), synced: true, listeners: new Set(), release: () => {} }
}

function sinceOf(object: Observed): number | undefined {
  const { lastTimestamp, eventTime, series } = object as Observed & EventTimes
  const scheduled = conditionOf(object, 'PodScheduled') as { lastTransitionTime?: string } | undefined
  const time = Date.parse(
    series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? scheduled?.lastTransitionTime ?? '',
  )
  return Number.isNaN(time) ? undefined : time
}

interface EventTimes {
  lastTimestamp?: string
  eventTime?: string
  series?: { lastObservedTime?: string }
}
