import { minorNumber } from './schema.ts'

interface Removal {
  /** "extensions/v1beta1" and the kinds that it means, or all of the version's. */
  apiVersion: string
  kinds?: string[]
  /** The minor that no longer serves it: 22 for 1.22. */
  removedIn: number
  /** What serves the kind now; none where the kind itself is gone. */
  use?: string
  hint?: string
}

const removals: Removal[] = [
  {
    apiVersion: 'extensions/v1beta1',
    kinds: ['Deployment', 'DaemonSet', 'ReplicaSet'],
    removedIn: 16,
    use: 'apps/v1',
  },
  { apiVersion: 'extensions/v1beta1', kinds: ['NetworkPolicy'], removedIn: 16, use: 'networking.k8s.io/v1' },
  { apiVersion: 'extensions/v1beta1', kinds: ['PodSecurityPolicy'], removedIn: 16, hint: podSecurity() },
  { apiVersion: 'extensions/v1beta1', kinds: ['Ingress'], removedIn: 22, use: 'networking.k8s.io/v1' },
  { apiVersion: 'apps/v1beta1', removedIn: 16, use: 'apps/v1' },
  { apiVersion: 'apps/v1beta2', removedIn: 16, use: 'apps/v1' },
  {
    apiVersion: 'admissionregistration.k8s.io/v1beta1',
    kinds: ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'],
    removedIn: 22,
    use: 'admissionregistration.k8s.io/v1',
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1beta1',
    kinds: ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
    removedIn: 34,
    use: 'admissionregistration.k8s.io/v1',
  },
  { apiVersion: 'apiextensions.k8s.io/v1beta1', removedIn: 22, use: 'apiextensions.k8s.io/v1' },
  { apiVersion: 'apiregistration.k8s.io/v1beta1', removedIn: 22, use: 'apiregistration.k8s.io/v1' },
  { apiVersion: 'authentication.k8s.io/v1beta1', removedIn: 22, use: 'authentication.k8s.io/v1' },
  { apiVersion: 'authorization.k8s.io/v1beta1', removedIn: 22, use: 'authorization.k8s.io/v1' },
  {
    apiVersion: 'certificates.k8s.io/v1beta1',
    kinds: ['CertificateSigningRequest'],
    removedIn: 22,
    use: 'certificates.k8s.io/v1',
  },
  {
    apiVersion: 'coordination.k8s.io/v1beta1',
    kinds: ['Lease'],
    removedIn: 22,
    use: 'coordination.k8s.io/v1',
  },
  {
    apiVersion: 'networking.k8s.io/v1beta1',
    kinds: ['Ingress', 'IngressClass'],
    removedIn: 22,
    use: 'networking.k8s.io/v1',
  },
  { apiVersion: 'rbac.authorization.k8s.io/v1alpha1', removedIn: 22, use: 'rbac.authorization.k8s.io/v1' },
  { apiVersion: 'rbac.authorization.k8s.io/v1beta1', removedIn: 22, use: 'rbac.authorization.k8s.io/v1' },
  {
    apiVersion: 'scheduling.k8s.io/v1beta1',
    kinds: ['PriorityClass'],
    removedIn: 22,
    use: 'scheduling.k8s.io/v1',
  },
  {
    apiVersion: 'storage.k8s.io/v1beta1',
    kinds: ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment'],
    removedIn: 22,
    use: 'storage.k8s.io/v1',
  },
  { apiVersion: 'batch/v1beta1', removedIn: 25, use: 'batch/v1' },
  { apiVersion: 'discovery.k8s.io/v1beta1', removedIn: 25, use: 'discovery.k8s.io/v1' },
  { apiVersion: 'events.k8s.io/v1beta1', removedIn: 25, use: 'events.k8s.io/v1' },
  { apiVersion: 'autoscaling/v2beta1', removedIn: 25, use: 'autoscaling/v2' },
  { apiVersion: 'autoscaling/v2beta2', removedIn: 26, use: 'autoscaling/v2' },
  { apiVersion: 'node.k8s.io/v1beta1', removedIn: 25, use: 'node.k8s.io/v1' },
  { apiVersion: 'policy/v1beta1', kinds: ['PodDisruptionBudget'], removedIn: 25, use: 'policy/v1' },
  { apiVersion: 'policy/v1beta1', kinds: ['PodSecurityPolicy'], removedIn: 25, hint: podSecurity() },
  {
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1beta1',
    removedIn: 26,
    use: 'flowcontrol.apiserver.k8s.io/v1',
  },
  {
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1beta2',
    removedIn: 29,
    use: 'flowcontrol.apiserver.k8s.io/v1',
  },
  {
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1beta3',
    removedIn: 32,
    use: 'flowcontrol.apiserver.k8s.io/v1',
  },
  {
    apiVersion: 'storage.k8s.io/v1beta1',
    kinds: ['CSIStorageCapacity'],
    removedIn: 27,
    use: 'storage.k8s.io/v1',
  },
]

/** Why a kind is not served any more, "removed in Kubernetes 1.22", with what to write instead; undefined when it never was. */
export function removalOf(apiVersion: string, kind: string): { message: string; hint: string } | undefined {
  const removal = removals.find(
    (entry) => entry.apiVersion === apiVersion && (!entry.kinds || entry.kinds.includes(kind)),
  )
  if (!removal) return undefined
  const message = `${apiVersion} ${kind} was removed in Kubernetes 1.${removal.removedIn}`
  return { message, hint: removal.hint ?? `use apiVersion: ${removal.use}` }
}

/** What still works in a version but will go; undefined when nothing is known against it. */
export function deprecationOf(
  apiVersion: string,
  about: { kind: string; kubernetesVersion: string },
): { message: string; hint: string } | undefined {
  const key = `${apiVersion} ${about.kind}`
  const found = Object.hasOwn(deprecations, key) ? deprecations[key]! : undefined
  if (!found || minorNumber(about.kubernetesVersion) < found.since) return undefined
  return { message: `${key} is deprecated since Kubernetes 1.${found.since}`, hint: found.hint }
}

const deprecations: Record<string, { since: number; hint: string }> = {
  'v1 ComponentStatus': { since: 19, hint: 'ask the readyz endpoints of the components' },
  'v1 Endpoints': { since: 33, hint: 'use discovery.k8s.io/v1 EndpointSlice' },
}

function podSecurity(): string {
  return 'remove it and label the Namespace with pod-security.kubernetes.io/enforce'
}
