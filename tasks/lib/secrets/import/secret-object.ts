import { type Finding, TaskError } from '../../cli/errors.ts'
import { registerSecret } from '../../cli/redact.ts'
import type { SecretValues } from '../new/secret-values.ts'

/** A Secret without what only the cluster says of it. */
export interface ImportedSecret {
  /** Not there where the source does not name it. */
  name?: string
  namespace?: string
  type: string
  labels: Record<string, string>
  annotations: Record<string, string>
  immutable: boolean
  /** By key: texts, and bytes that are none. */
  values: SecretValues
  findings: Finding[]
}

type Fields = Record<string, unknown>

/** Made anew by who made them: a file of them would be old at once. */
const madeByCluster: Record<string, string> = {
  'kubernetes.io/service-account-token': 'the cluster makes and renews it for a ServiceAccount',
  'bootstrap.kubernetes.io/token': 'kubeadm makes it, and it ends by itself',
  'helm.sh/release.v1': 'helm keeps its own state in it',
}
const foreign = /^(kubectl\.kubernetes\.io|meta\.helm\.sh|metaltasks|applyset\.kubernetes\.io)\//

/** Reads an object of kind Secret, from a cluster or a file. `source` is named in errors; no value ever is. */
export function secretFromObject(object: Fields, { source }: { source: string }): ImportedSecret {
  const metadata = fieldsOf(object.metadata)
  const type = textOf(object.type) ?? 'Opaque'
  const reason = madeByCluster[type]
  if (reason) throw new TaskError(`a Secret of type ${type} is not for a file: ${reason}`, { file: source })
  const data = Object.entries(fieldsOf(object.data)).map(
    ([key, value]) => [key, decoded(key, String(value ?? ''), source)] as const,
  )
  const strings = Object.entries(fieldsOf(object.stringData)).map(
    ([key, value]) => [key, String(value ?? '')] as const,
  )
  const values = Object.fromEntries<string | Uint8Array>([...data, ...strings])
  for (const value of Object.values(values)) if (typeof value === 'string') registerSecret(value)
  const name = textOf(metadata.name)
  const namespace = textOf(metadata.namespace)
  return {
    ...(name !== undefined && { name }),
    ...(namespace !== undefined && { namespace }),
    type,
    labels: ownTexts(metadata.labels, ([key, value]) => key !== managedBy || value !== 'Helm'),
    annotations: ownTexts(metadata.annotations),
    immutable: String(object.immutable) === 'true',
    values,
    findings: ownerFindings(metadata, source),
  }
}

const managedBy = 'app.kubernetes.io/managed-by'

/** Text where bytes are readable UTF-8, else the bytes. */
export function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(text) ? bytes : text
  } catch {
    return bytes
  }
}

function decoded(key: string, value: string, source: string): string | Uint8Array {
  const text = value.replaceAll(/\s/g, '')
  if (/^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0)
    return textOrBytes(Buffer.from(text, 'base64'))
  throw new TaskError(`data.${key} is not base64`, { file: source, hint: 'clear text goes into stringData' })
}

function ownTexts(
  value: unknown,
  isOwn: (pair: [string, unknown]) => boolean = () => true,
): Record<string, string> {
  const pairs = Object.entries(fieldsOf(value)).filter((pair) => !foreign.test(pair[0]) && isOwn(pair))
  return Object.fromEntries(pairs.map(([key, text]) => [key, String(text ?? '')]))
}

function ownerFindings(metadata: Fields, file: string): Finding[] {
  const owners = Array.isArray(metadata.ownerReferences) ? metadata.ownerReferences.map(fieldsOf) : []
  return owners.map(({ kind, name }) => ({
    severity: 'warning',
    message: `${kind} ${name} makes this Secret in the cluster and will write over what comes from the file`,
    file,
  }))
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
