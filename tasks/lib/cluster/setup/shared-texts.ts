import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Config } from '../../config/model.ts'
import { admissionConfiguration } from '../../kubernetes/api-server/admission.ts'
import { auditPolicy } from '../../kubernetes/api-server/audit.ts'
import type { EncryptionKey } from '../../kubernetes/api-server/encryption.ts'
import { encryptionFile, secretboxKey } from '../../kubernetes/api-server/encryption-file.ts'
import { yamlText } from '../../kubernetes/kubeadm/documents.ts'
import { admissionFile, auditPolicyFile, oidcCaFile } from '../../node/kubeadm/paths.ts'

/** A file that every control plane has alike. */
export interface SharedText {
  path: string
  content: string
}

/** Those that are no secret, by the configuration. */
export function sharedTexts({ cluster }: Pick<Config, 'cluster'>): SharedText[] {
  const admission = admissionConfiguration(cluster.kubernetesVersion, cluster.podSecurity)
  const ca = cluster.oidc?.ca
  return [
    { path: admissionFile, content: yamlText([admission]) },
    { path: auditPolicyFile, content: yamlText([auditPolicy()]) },
    ...(ca ? [{ path: oidcCaFile, content: readFileSync(ca, 'utf8') }] : []),
  ]
}

/** The file of the API server with these keys; the first of them writes. */
export function encryptionContent(keys: readonly EncryptionKey[]): string {
  return encryptionFile(keys.map(secretboxKey))
}

/** SHA-256 of a text, as the survey gives those of files. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
