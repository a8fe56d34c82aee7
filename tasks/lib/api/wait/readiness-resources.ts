import {
  conditionOf,
  conditionText,
  current,
  failed,
  inProgress,
  type Observed,
  type Readiness,
  type ReadinessContext,
} from '../objects/observed.ts'

/** A Job has to complete; one that the manifest suspends is as wanted. */
export function jobReadiness(job: Observed): Readiness {
  const failure = conditionOf(job, 'Failed') ?? conditionOf(job, 'FailureTarget')
  if (failure?.status === 'True') return failed(conditionText(failure))
  if (conditionOf(job, 'Complete')?.status === 'True') return current
  if (job.spec?.suspend) return current
  const { succeeded = 0, active = 0, failed: lost = 0 } = job.status ?? {}
  const wanted = job.spec?.completions ?? 1
  return inProgress(
    `${succeeded} of ${wanted} completed, ${active} running${lost > 0 ? `, ${lost} failed` : ''}`,
  )
}

/** A PersistentVolumeClaim is Bound, unless its class binds on first use and nobody uses it yet. */
export function claimReadiness(claim: Observed, { waitsForConsumer }: ReadinessContext): Readiness {
  const { phase } = claim.status ?? {}
  if (phase === 'Bound') return current
  if (phase === 'Lost') return failed('its volume is lost')
  return waitsForConsumer ? current : inProgress('not bound to a volume')
}

/** A Service of type LoadBalancer needs an address; any other is ready at once. */
export function serviceReadiness(service: Observed): Readiness {
  if (service.spec?.type !== 'LoadBalancer') return current
  return service.status?.loadBalancer?.ingress?.length > 0 ? current : inProgress('no load balancer address')
}
