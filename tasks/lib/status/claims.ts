import type { Observed } from '../api/objects/observed.ts'
import { readiness } from '../api/wait/readiness.ts'
import type { Lists } from './lists.ts'
import type { PendingClaim } from './model.ts'

/** The claims that are not bound, each with what it waits for. Pure. */
export function pendingClaims(lists: Lists): PendingClaim[] {
  const { claims } = lists
  return claims
    .filter(({ status }) => status?.phase !== 'Bound')
    .map((claim) => ({
      namespace: claim.metadata.namespace ?? '',
      name: claim.metadata.name,
      storageClass: claim.spec?.storageClassName ?? '',
      size: String(claim.spec?.resources?.requests?.storage ?? ''),
      reason: reasonOf(claim, lists),
    }))
}

function reasonOf(claim: Observed, { pods, storageClasses, claimEvents }: Lists): string {
  const className = claim.spec?.storageClassName
  const storageClass = storageClasses.find(({ metadata }) => metadata.name === className)
  const waitsForConsumer =
    storageClass?.volumeBindingMode === 'WaitForFirstConsumer' && !pods.some((pod) => uses(pod, claim))
  const judged = readiness(claim, { waitsForConsumer })
  if (judged.status === 'Current') return 'waits for the first pod that uses it'
  const event = judged.status === 'InProgress' ? newestEvent(claim, claimEvents) : undefined
  if (event) return event
  if (className && !storageClass) return `${judged.message}: there is no StorageClass ${className}`
  return className ? judged.message : `${judged.message}: it names no StorageClass and there is no default`
}

function uses({ metadata, spec }: Observed, claim: Observed): boolean {
  if (metadata.namespace !== claim.metadata.namespace) return false
  const volumes: { persistentVolumeClaim?: { claimName?: string } }[] = spec?.volumes ?? []
  return volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === claim.metadata.name)
}

interface Event {
  message?: string
  lastTimestamp?: string
  involvedObject?: { uid?: string }
}

function newestEvent(claim: Observed, events: Observed[]): string | undefined {
  const own = (events as (Observed & Event)[]).filter(
    ({ involvedObject }) => involvedObject?.uid === claim.metadata.uid,
  )
  const newest = own.sort((one, other) =>
    (one.lastTimestamp ?? '') < (other.lastTimestamp ?? '') ? 1 : -1,
  )[0]
  return newest?.message?.trim()
}
