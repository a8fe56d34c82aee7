import { dirname } from 'node:path'
import type { Oidc } from '../../config/kubeadm-model.ts'
import type { Cluster } from '../../config/model.ts'
import type { JsonMap } from '../../manifest/object.ts'
import {
  admissionFile,
  auditLogFile,
  auditPolicyFile,
  encryptionFile,
  oidcCaFile,
  pkiFolder,
} from '../../node/kubeadm/paths.ts'
import { hasServingCertificates } from './component-configuration.ts'
import { args } from './documents.ts'
import { cipherSuites, tlsMinVersion } from './tls.ts'

/** The part of ClusterConfiguration about the API server: each file that a flag names has its volume. */
export function apiServer(cluster: Pick<Cluster, 'kubeadm' | 'kubelet' | 'oidc'>): JsonMap {
  const { kubeadm, oidc } = cluster
  return {
    ...(kubeadm.certSANs.length > 0 && { certSANs: kubeadm.certSANs }),
    extraArgs: args({
      'admission-control-config-file': admissionFile,
      'audit-log-maxage': '30',
      'audit-log-maxbackup': '10',
      'audit-log-maxsize': '100',
      'audit-log-path': auditLogFile,
      'audit-policy-file': auditPolicyFile,
      'encryption-provider-config': encryptionFile,
      'encryption-provider-config-automatic-reload': 'true',
      ...(hasServingCertificates(cluster) && { 'kubelet-certificate-authority': `${pkiFolder}/ca.crt` }),
      profiling: 'false',
      'service-account-extend-token-expiration': 'false',
      'tls-cipher-suites': cipherSuites.join(','),
      'tls-min-version': tlsMinVersion,
      ...(oidc && oidcFlags(oidc)),
    }),
    extraVolumes: [
      configFolder('admission', admissionFile),
      configFolder('audit', auditPolicyFile),
      configFolder('encryption', encryptionFile),
      ...(oidc?.ca ? [configFolder('oidc', oidcCaFile)] : []),
      { name: 'audit-log', ...sameInside(dirname(auditLogFile)), pathType: 'DirectoryOrCreate' },
    ],
  }
}

// Directory, not DirectoryOrCreate: a file that is missing must not become an empty folder.
function configFolder(name: string, file: string): JsonMap {
  return { name, ...sameInside(dirname(file)), readOnly: true, pathType: 'Directory' }
}

function sameInside(path: string): JsonMap {
  return { hostPath: path, mountPath: path }
}

function oidcFlags(oidc: Oidc): Record<string, string> {
  return {
    'oidc-issuer-url': oidc.issuer,
    'oidc-client-id': oidc.clientId,
    'oidc-username-claim': oidc.usernameClaim,
    'oidc-username-prefix': oidc.usernamePrefix,
    ...(oidc.groupsClaim && {
      'oidc-groups-claim': oidc.groupsClaim,
      'oidc-groups-prefix': oidc.groupsPrefix,
    }),
    ...(oidc.ca && { 'oidc-ca-file': oidcCaFile }),
  }
}
