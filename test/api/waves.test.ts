import { expect, test } from 'vitest'
import { waveOf } from '../../tasks/lib/api/apply/waves.ts'

const waves: [apiVersion: string, kinds: string, wave: number][] = [
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition', 0],
  ['v1', 'Namespace', 0],
  ['scheduling.k8s.io/v1', 'PriorityClass', 0],
  ['storage.k8s.io/v1', 'StorageClass VolumeAttributesClass', 1],
  ['networking.k8s.io/v1', 'IngressClass', 1],
  ['node.k8s.io/v1', 'RuntimeClass', 1],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole Role', 1],
  ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding RoleBinding', 2],
  ['v1', 'ServiceAccount ResourceQuota LimitRange ConfigMap Secret PersistentVolume', 2],
  ['networking.k8s.io/v1', 'NetworkPolicy', 2],
  ['v1', 'PersistentVolumeClaim Service', 3],
  ['policy/v1', 'PodDisruptionBudget', 3],
  ['apps/v1', 'Deployment StatefulSet DaemonSet ReplicaSet', 4],
  ['batch/v1', 'Job CronJob', 4],
  ['v1', 'Pod ReplicationController', 4],
  ['autoscaling/v2', 'HorizontalPodAutoscaler', 5],
  ['networking.k8s.io/v1', 'Ingress', 5],
  ['apiregistration.k8s.io/v1', 'APIService', 5],
  ['monitoring.coreos.com/v1', 'ServiceMonitor', 5],
  ['gateway.networking.k8s.io/v1', 'Gateway GatewayClass', 5],
  ['snapshot.storage.k8s.io/v1', 'VolumeSnapshotClass', 5],
  ['example.com/v1', 'Deployment Namespace', 5],
  ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration MutatingWebhookConfiguration', 6],
  ['admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding', 6],
]

for (const [apiVersion, kinds, wave] of waves) {
  test(`${kinds} of ${apiVersion} are applied in wave ${wave}`, () => {
    for (const kind of kinds.split(' ')) expect(waveOf({ apiVersion, kind })).toBe(wave)
  })
}
