import { groupOf } from '../objects/identity.ts'

/** The waves of an apply in order: what a wave needs, an earlier one has made. Deleting goes the other way. */
export const waveCount = 7

/** The wave in which objects of this kind are applied, 0 to 6. */
export function waveOf({ apiVersion, kind }: { apiVersion: string; kind: string }): number {
  const group = groupOf(apiVersion)
  if (!builtInGroup(group)) return customWave
  return waveByKind.get(kind) ?? (kind.endsWith('Class') ? 1 : defaultWave)
}

/** Kinds that are ready only when a controller and a machine have done their part. */
export const workloadKinds: ReadonlySet<string> = new Set([
  'Pod',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
])

const customWave = 5
const defaultWave = 2

const waveByKind = new Map<string, number>(
  [
    ['CustomResourceDefinition', 'Namespace', 'PriorityClass'],
    ['ClusterRole', 'Role'],
    [
      'ClusterRoleBinding',
      'RoleBinding',
      'ServiceAccount',
      'ResourceQuota',
      'LimitRange',
      'NetworkPolicy',
      'ConfigMap',
      'Secret',
      'PersistentVolume',
    ],
    ['PersistentVolumeClaim', 'Service', 'PodDisruptionBudget'],
    [...workloadKinds],
    ['HorizontalPodAutoscaler', 'Ingress', 'APIService'],
    [
      'ValidatingWebhookConfiguration',
      'MutatingWebhookConfiguration',
      'ValidatingAdmissionPolicy',
      'ValidatingAdmissionPolicyBinding',
      'MutatingAdmissionPolicy',
      'MutatingAdmissionPolicyBinding',
    ],
  ].flatMap((kinds, wave) => kinds.map((kind) => [kind, wave] as const)),
)

// Groups of the API server itself have no dot (apps, batch) or end in .k8s.io; so do some CRDs (gateway.networking.k8s.io,
// snapshot.storage.k8s.io), which are custom all the same.
function builtInGroup(group: string): boolean {
  return !group.includes('.') || builtInDotted.has(group)
}

const builtInDotted = new Set(
  [
    'admissionregistration',
    'apiextensions',
    'authentication',
    'authorization',
    'certificates',
    'coordination',
    'discovery',
    'events',
    'flowcontrol.apiserver',
    'internal.apiserver',
    'networking',
    'node',
    'rbac.authorization',
    'resource',
    'scheduling',
    'storage',
    'storagemigration',
  ]
    .map((name) => `${name}.k8s.io`)
    .concat('apiregistration.k8s.io'),
)
