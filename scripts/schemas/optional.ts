/**
 * Whether the API server accepts an object without a field that its OpenAPI calls required: there "required" only
 * says that the Go type always prints it. A status is never checked, because a write to the object drops it.
 */
export function optionalInPractice(model: string, field: string): boolean {
  return /(Status|Condition)$|\.ContainerState\w*$/.test(model) || filledIn.has(`${model}.${field}`)
}

const filledIn = new Set([
  'apiextensions.v1.CustomResourceDefinitionVersion.served',
  'apiextensions.v1.CustomResourceDefinitionVersion.storage',
  'apps.v1.ControllerRevision.revision',
  'batch.v1.PodFailurePolicy.rules',
  'batch.v1.PodFailurePolicyOnPodConditionsPattern.status',
  'core.v1.ClusterTrustBundleProjection.path',
  'core.v1.Event.involvedObject',
  'core.v1.Event.metadata',
  'core.v1.HTTPHeader.value',
  'core.v1.ISCSIPersistentVolumeSource.lun',
  'core.v1.ISCSIVolumeSource.lun',
  'core.v1.LimitRangeSpec.limits',
  'core.v1.PreferredSchedulingTerm.preference',
  'core.v1.SleepAction.seconds',
  'core.v1.Sysctl.value',
  'core.v1.TypedLocalObjectReference.kind',
  'core.v1.TypedLocalObjectReference.name',
  'discovery.v1.EndpointSlice.endpoints',
  'rbac.v1.RoleRef.apiGroup',
  'resource.v1.DeviceClass.spec',
  'resource.v1.ResourceClaim.spec',
  'resource.v1.ResourceClaimTemplate.spec',
  'resource.v1.ResourceClaimTemplateSpec.spec',
  'scheduling.v1.PriorityClass.value',
  'storage.v1.CSIDriver.spec',
  'storage.v1.CSINode.spec',
  'storage.v1.CSINodeSpec.drivers',
  'storage.v1.TokenRequest.audience',
])
