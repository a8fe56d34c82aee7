import type { KubernetesObject } from '../manifest/object.ts'

/**
 * Why the sandbox's server only tries an object and does not store it; undefined for all that is stored.
 * A webhook or an aggregated API without anything behind it would refuse or break other requests.
 */
export function transientReason(object: KubernetesObject): string | undefined {
  const [group] = object.apiVersion.split('/')
  if (
    group === 'admissionregistration.k8s.io' &&
    /^(Validating|Mutating)WebhookConfiguration$/.test(object.kind)
  ) {
    return hasWebhook(object) ? 'dry run only: nothing answers this webhook in the sandbox' : undefined
  }
  if (group === 'apiregistration.k8s.io' && object.kind === 'APIService') {
    const spec = object.spec as { service?: unknown } | undefined
    return spec?.service ? 'dry run only: nothing serves this API in the sandbox' : undefined
  }
  return undefined
}

/** By Service or by URL: the sandbox's API server dials neither. */
function hasWebhook(object: KubernetesObject): boolean {
  return Array.isArray(object.webhooks) && object.webhooks.length > 0
}
