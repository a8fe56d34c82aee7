import type { JsonMap } from '../../manifest/object.ts'

/**
 * The file of --admission-control-config-file: Pod Security admission enforces baseline, audits and warns
 * of restricted. Versions are pinned to the cluster's minor, so that an upgrade changes no verdict by itself.
 */
export function admissionConfiguration(kubernetesVersion: string): JsonMap {
  const minor = `v${kubernetesVersion.split('.').slice(0, 2).join('.')}`
  return {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AdmissionConfiguration',
    plugins: [{ name: 'PodSecurity', configuration: podSecurityConfiguration(minor) }],
  }
}

function podSecurityConfiguration(minor: string): JsonMap {
  return {
    apiVersion: 'pod-security.admission.config.k8s.io/v1',
    kind: 'PodSecurityConfiguration',
    defaults: {
      enforce: 'baseline',
      'enforce-version': minor,
      audit: 'restricted',
      'audit-version': minor,
      warn: 'restricted',
      'warn-version': minor,
    },
    exemptions: { usernames: [], runtimeClasses: [], namespaces: ['kube-system'] },
  }
}
