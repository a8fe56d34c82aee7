import type { KubernetesObject } from '../../manifest/object.ts'
import { groupOf } from '../objects/identity.ts'
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
import { podReadiness } from './readiness-pods.ts'
import { claimReadiness, jobReadiness, serviceReadiness } from './readiness-resources.ts'
import { workloadReadiness } from './readiness-workloads.ts'

/** Judges one object as it is stored; undefined stands for an object that is not there. */
export function readiness(object: KubernetesObject | undefined, context: ReadinessContext = {}): Readiness {
  if (!object) return { status: 'NotFound', message: 'not there' }
  const observed = object as Observed
  return general(observed) ?? rule(observed)?.(observed, context) ?? byReadyCondition(observed)
}

/** Whether the object can be anything but Current: a ConfigMap cannot, and needs no watching. */
export function canBeUnready(object: KubernetesObject): boolean {
  return rule(object as Observed) !== undefined || !alwaysCurrent.has(object.kind)
}

function general(object: Observed): Readiness | undefined {
  const { deletionTimestamp, finalizers, generation } = object.metadata
  if (deletionTimestamp) return { status: 'Terminating', message: terminating(finalizers) }
  const observedGeneration = object.status?.observedGeneration
  if (observedGeneration !== undefined && generation !== undefined && observedGeneration !== generation)
    return inProgress(`generation ${generation} is not observed yet`)
  const stalled = conditionOf(object, 'Stalled')
  if (stalled?.status === 'True') return failed(conditionText(stalled))
  const reconciling = conditionOf(object, 'Reconciling')
  return reconciling?.status === 'True' ? inProgress(conditionText(reconciling)) : undefined
}

function terminating(finalizers: unknown): string {
  const names = Array.isArray(finalizers) ? finalizers : []
  return names.length > 0 ? `being deleted, held by ${names.join(', ')}` : 'being deleted'
}

type Rule = (object: Observed, context: ReadinessContext) => Readiness

function rule({ apiVersion, kind }: Observed): Rule | undefined {
  return rules[`${groupOf(apiVersion)}/${kind}`]
}

const rules: Record<string, Rule> = {
  '/Pod': podReadiness,
  '/ReplicationController': workloadReadiness,
  'apps/ReplicaSet': workloadReadiness,
  'apps/Deployment': workloadReadiness,
  'apps/StatefulSet': workloadReadiness,
  'apps/DaemonSet': workloadReadiness,
  'batch/Job': jobReadiness,
  '/PersistentVolumeClaim': claimReadiness,
  '/Service': serviceReadiness,
  '/Namespace': ({ status }) => (status?.phase === 'Active' ? current : inProgress('not active yet')),
  'apiextensions.k8s.io/CustomResourceDefinition': definitionReadiness,
  'apiregistration.k8s.io/APIService': (object) => byCondition(object, 'Available', 'not available yet'),
}

function definitionReadiness(object: Observed): Readiness {
  const names = conditionOf(object, 'NamesAccepted')
  if (names?.status === 'False') return failed(conditionText(names))
  return byCondition(object, 'Established', 'not established yet')
}

function byCondition(object: Observed, type: string, missing: string): Readiness {
  const condition = conditionOf(object, type)
  if (condition?.status === 'True') return current
  return inProgress(condition ? conditionText(condition) : missing)
}

// Custom resources mostly report Ready; one without that condition counts as done.
function byReadyCondition(object: Observed): Readiness {
  return conditionOf(object, 'Ready') ? byCondition(object, 'Ready', '') : current
}

const alwaysCurrent = new Set([
  'ClusterRole',
  'ClusterRoleBinding',
  'ConfigMap',
  'CSIDriver',
  'IngressClass',
  'LimitRange',
  'NetworkPolicy',
  'PersistentVolume',
  'PriorityClass',
  'ResourceQuota',
  'Role',
  'RoleBinding',
  'RuntimeClass',
  'Secret',
  'ServiceAccount',
  'StorageClass',
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
])
