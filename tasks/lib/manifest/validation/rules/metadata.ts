import type { Field } from '../field.ts'
import {
  label,
  labelValue,
  letterLabel,
  type NameSyntax,
  pathSegment,
  qualifiedName,
  subdomain,
} from '../names.ts'
import { checkName } from './values.ts'

const annotationsLimit = 256 * 1024

/** Names, labels and annotations of any object; `kind` as "Deployment.apps", "Service", `minor` as 36. */
export function checkMetadata(metadata: Field, { kind, minor }: { kind: string; minor: number }): void {
  const name = metadata.at('name')
  if (name.isEmpty) name.error('is required', nameHint(metadata))
  else checkName(name, nameSyntax(kind, minor))
  checkName(metadata.at('namespace'), label)
  checkLabels(metadata.at('labels'))
  checkAnnotations(metadata.at('annotations'))
  for (const finalizer of metadata.at('finalizers').items) checkName(finalizer, qualifiedName)
}

/** Label keys and values, as in metadata, a pod template or a node selector. */
export function checkLabels(labels: Field): void {
  for (const entry of labels.fields) {
    if (!qualifiedName.accepts(entry.key)) entry.error(`expected as the key ${qualifiedName.expected}`)
    else checkName(entry, labelValue)
  }
}

/** Annotation keys, which may hold upper-case letters in the domain, and their size. */
export function checkAnnotations(annotations: Field): void {
  let size = 0
  for (const entry of annotations.fields) {
    if (!qualifiedName.accepts(entry.key.toLowerCase()))
      entry.error(`expected as the key ${qualifiedName.expected}`)
    size += Buffer.byteLength(entry.key) + Buffer.byteLength(entry.text ?? '')
  }
  if (size <= annotationsLimit) return
  annotations.error(`${size} bytes in all, more than the ${annotationsLimit} that the API server takes`, {
    hint: 'move the text into a ConfigMap',
  })
}

function nameHint(metadata: Field): { hint?: string } {
  if (metadata.at('generateName').isEmpty) return {}
  return { hint: 'server-side apply cannot make up names: write name instead of generateName' }
}

function nameSyntax(kind: string, minor: number): NameSyntax {
  if (kind === 'Service') return minor < relaxedServiceNames ? letterLabel : label
  return nameSyntaxes[kind] ?? subdomain
}

// 1.36 lets the name of a Service begin with a digit.
const relaxedServiceNames = 36

const nameSyntaxes: Record<string, NameSyntax> = {
  Namespace: label,
  'StatefulSet.apps': label,
  'ClusterRole.rbac.authorization.k8s.io': pathSegment,
  'ClusterRoleBinding.rbac.authorization.k8s.io': pathSegment,
  'Role.rbac.authorization.k8s.io': pathSegment,
  'RoleBinding.rbac.authorization.k8s.io': pathSegment,
}
