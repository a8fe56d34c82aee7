import {
  conditionOf,
  conditionText,
  current,
  failed,
  inProgress,
  type Observed,
  type Readiness,
} from '../objects/observed.ts'

/** Deployment, StatefulSet, DaemonSet, ReplicaSet and ReplicationController: counts against what is wanted. */
export function workloadReadiness(object: Observed): Readiness {
  if (object.status?.observedGeneration === undefined && object.kind !== 'ReplicationController')
    return inProgress('not observed yet')
  return (byKind[object.kind] ?? replicaSet)(object)
}

const byKind: Record<string, (object: Observed) => Readiness> = {
  Deployment: deployment,
  StatefulSet: statefulSet,
  DaemonSet: daemonSet,
}

function deployment(object: Observed): Readiness {
  if (object.spec?.paused) return current
  const progressing = conditionOf(object, 'Progressing')
  if (progressing?.reason === 'ProgressDeadlineExceeded') return failed(conditionText(progressing))
  const refusal = failure(object)
  if (refusal.includes('violates PodSecurity')) return failed(`no pod can be made${refusal}`)
  const wanted = object.spec?.replicas ?? 1
  const { replicas, updatedReplicas, availableReplicas, readyReplicas } = counts(object)
  if (updatedReplicas < wanted) return inProgress(`${updatedReplicas} of ${wanted} updated${refusal}`)
  if (replicas > updatedReplicas)
    return inProgress(`${replicas - updatedReplicas} of the old pods still there`)
  if (availableReplicas < wanted) return inProgress(`${availableReplicas} of ${wanted} available`)
  if (readyReplicas < wanted) return inProgress(`${readyReplicas} of ${wanted} ready`)
  const available = conditionOf(object, 'Available')
  if (available && available.status !== 'True') return inProgress(conditionText(available))
  return current
}

// Why no pod is made at all: a quota, Pod Security, a webhook.
function failure(object: Observed): string {
  const condition = conditionOf(object, 'ReplicaFailure')
  return condition?.status === 'True' ? ` (${conditionText(condition)})` : ''
}

function statefulSet(object: Observed): Readiness {
  const wanted = object.spec?.replicas ?? 1
  const { replicas, readyReplicas, availableReplicas, updatedReplicas, currentReplicas } = counts(object)
  if (replicas < wanted) return inProgress(`${replicas} of ${wanted} pods made`)
  if (replicas > wanted) return inProgress(`${replicas - wanted} pods too many`)
  if (readyReplicas < wanted) return inProgress(`${readyReplicas} of ${wanted} ready`)
  if (availableReplicas < wanted) return inProgress(`${availableReplicas} of ${wanted} available`)
  const strategy = object.spec?.updateStrategy
  if (strategy?.type === 'OnDelete') return current
  const partition = strategy?.rollingUpdate?.partition ?? 0
  if (partition > 0) {
    const updated = Math.max(0, wanted - partition)
    return updatedReplicas < updated ? inProgress(`${updatedReplicas} of ${updated} updated`) : current
  }
  if (currentReplicas < wanted) return inProgress(`${updatedReplicas} of ${wanted} updated`)
  const { currentRevision, updateRevision } = object.status ?? {}
  return currentRevision === updateRevision ? current : inProgress(`${updatedReplicas} of ${wanted} updated`)
}

function daemonSet(object: Observed): Readiness {
  const {
    desiredNumberScheduled: wanted,
    currentNumberScheduled,
    updatedNumberScheduled,
  } = object.status ?? {}
  if (wanted === undefined) return inProgress('not scheduled yet')
  if ((currentNumberScheduled ?? 0) < wanted)
    return inProgress(`${currentNumberScheduled ?? 0} of ${wanted} scheduled`)
  const onDelete = object.spec?.updateStrategy?.type === 'OnDelete'
  if (!onDelete && (updatedNumberScheduled ?? 0) < wanted)
    return inProgress(`${updatedNumberScheduled ?? 0} of ${wanted} updated`)
  const { numberAvailable, numberReady } = object.status ?? {}
  if ((numberAvailable ?? 0) < wanted) return inProgress(`${numberAvailable ?? 0} of ${wanted} available`)
  return (numberReady ?? 0) < wanted ? inProgress(`${numberReady ?? 0} of ${wanted} ready`) : current
}

function replicaSet(object: Observed): Readiness {
  const wanted = object.spec?.replicas ?? 1
  const { replicas, availableReplicas, readyReplicas } = counts(object)
  if (replicas < wanted) return inProgress(`${replicas} of ${wanted} pods made${failure(object)}`)
  if (replicas > wanted) return inProgress(`${replicas - wanted} pods too many`)
  if (availableReplicas < wanted) return inProgress(`${availableReplicas} of ${wanted} available`)
  return readyReplicas < wanted ? inProgress(`${readyReplicas} of ${wanted} ready`) : current
}

function counts({ status = {} }: Observed) {
  const {
    replicas = 0,
    updatedReplicas = 0,
    availableReplicas = 0,
    readyReplicas = 0,
    currentReplicas = 0,
  } = status
  return { replicas, updatedReplicas, availableReplicas, readyReplicas, currentReplicas }
}
