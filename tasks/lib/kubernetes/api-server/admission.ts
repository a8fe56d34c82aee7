import type { PodSecurity } from '../../config/kubeadm-model.ts'
import type { JsonMap } from '../../manifest/object.ts'

const usual: PodSecurity = {
  enforce: 'baseline',
  audit: 'restricted',
  warn: 'restricted',
  exempt: ['kube-system'],
}

/**
 * The file of --admission-control-config-file: Pod Security admission enforces baseline, audits and warns
 * of restricted, unless told. Versions are pinned to the cluster's minor, so that an upgrade changes no verdict by itself.
 */
export function admissionConfiguration(kubernetesVersion: string, podSecurity = usual): JsonMap {
  const minor = `v${kubernetesVersion.split('.').slice(0, 2).join('.')}`
  return {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AdmissionConfiguration',
    plugins: [{ name: 'PodSecurity', configuration: podSecurityConfiguration(minor, podSecurity) }],
  }
}

function podSecurityConfiguration(minor: string, { enforce, audit, warn, exempt }: PodSecurity): JsonMap {
  return {
    apiVersion: 'pod-security.admission.config.k8s.io/v1',
    kind: 'PodSecurityConfiguration',
    defaults: {
      enforce,
      'enforce-version': minor,
      audit,
      'audit-version': minor,
      warn,
      'warn-version': minor,
    },
    exemptions: { usernames: [], runtimeClasses: [], namespaces: exempt },
  }
}
