import type { Field } from './field.ts'
import {
  checkApiService,
  checkNode,
  checkPriorityClass,
  checkRuntimeClass,
  checkStorageClass,
} from './rules/cluster.ts'
import { checkConfigMap, checkSecret } from './rules/config.ts'
import { checkCustomResourceDefinition } from './rules/custom-definition.ts'
import { checkIngress, checkIngressClass } from './rules/ingress.ts'
import { checkCronJob, checkJob } from './rules/jobs.ts'
import { checkLimitRange, checkResourceQuota } from './rules/limits.ts'
import { checkNetworkPolicy } from './rules/network-policy.ts'
import { checkPersistentVolume, checkPersistentVolumeClaim } from './rules/persistent-volume.ts'
import { checkRole, checkRoleBinding } from './rules/rbac.ts'
import { checkAutoscaler, checkDisruptionBudget } from './rules/scaling.ts'
import { checkService } from './rules/service.ts'
import type { Rule } from './rules/values.ts'
import { checkFilled } from './rules/values.ts'
import { checkWebhooks } from './rules/webhooks.ts'
import {
  checkDaemonSet,
  checkDeployment,
  checkPodObject,
  checkReplicaSet,
  checkStatefulSet,
} from './rules/workloads.ts'

/** What the API server checks by code, beyond the types of its OpenAPI: by kind and group. */
const rules: Record<string, Rule> = {
  'APIService.apiregistration.k8s.io': checkApiService,
  'ClusterRole.rbac.authorization.k8s.io': checkRole,
  'ClusterRoleBinding.rbac.authorization.k8s.io': checkRoleBinding,
  ConfigMap: checkConfigMap,
  'CronJob.batch': checkCronJob,
  'CustomResourceDefinition.apiextensions.k8s.io': checkCustomResourceDefinition,
  'DaemonSet.apps': checkDaemonSet,
  'Deployment.apps': checkDeployment,
  'HorizontalPodAutoscaler.autoscaling': checkAutoscaler,
  'Ingress.networking.k8s.io': checkIngress,
  'IngressClass.networking.k8s.io': checkIngressClass,
  'Job.batch': checkJob,
  LimitRange: checkLimitRange,
  'MutatingWebhookConfiguration.admissionregistration.k8s.io': checkWebhooks,
  'NetworkPolicy.networking.k8s.io': checkNetworkPolicy,
  Node: checkNode,
  PersistentVolume: checkPersistentVolume,
  PersistentVolumeClaim: checkPersistentVolumeClaim,
  Pod: checkPodObject,
  'PodDisruptionBudget.policy': checkDisruptionBudget,
  'PriorityClass.scheduling.k8s.io': checkPriorityClass,
  'ReplicaSet.apps': checkReplicaSet,
  ResourceQuota: checkResourceQuota,
  'Role.rbac.authorization.k8s.io': checkRole,
  'RoleBinding.rbac.authorization.k8s.io': checkRoleBinding,
  'RuntimeClass.node.k8s.io': checkRuntimeClass,
  Secret: checkSecret,
  Service: checkService,
  'StatefulSet.apps': checkStatefulSet,
  'StorageClass.storage.k8s.io': checkStorageClass,
  'ValidatingWebhookConfiguration.admissionregistration.k8s.io': checkWebhooks,
}

/** Applies the hand-written rules of a built-in kind, given as "Deployment.apps" or "Service". */
export function checkRules(object: Field, kind: string): void {
  if (withPods.has(kind) && !checkFilled(object.at('spec'))) return
  rules[kind]?.(object)
}

const withPods = new Set([
  'DaemonSet.apps',
  'Deployment.apps',
  'Job.batch',
  'Pod',
  'ReplicaSet.apps',
  'StatefulSet.apps',
])
