import type { Observed } from '../objects/observed.ts'
import type { Feed } from './feed.ts'

interface Event {
  reason?: string
  message?: string
  involvedObject?: { uid?: string }
}

/**
 * Why a controller makes no pods for a workload, from the events since the wait began: a DaemonSet and a StatefulSet
 * say it nowhere else. Pod Security refuses every further try as well, so that is a failure; a quota may be raised.
 */
export function creationFailure(
  workload: Observed,
  events: Feed | undefined,
): { text: string; isFinal: boolean } | undefined {
  if (!events) return undefined
  for (const { object, isNew } of events.objects.values()) {
    const { reason, message = '', involvedObject } = object as Observed & Event
    if (!isNew || reason !== 'FailedCreate' || involvedObject?.uid !== workload.metadata.uid) continue
    return { text: `no pod can be made: ${message.trim()}`, isFinal: /violates PodSecurity/.test(message) }
  }
  return undefined
}
