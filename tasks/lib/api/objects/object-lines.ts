import { stringify } from 'yaml'
import type { KubernetesObject } from '../../manifest/object.ts'
import { isSecret, maskSecret } from './masking.ts'

/** Where `kubectl apply` keeps a copy of what it applied. */
const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'

/** The object as YAML lines for people: without what the server counts by itself, values of Secrets masked. */
export function objectLines(object: KubernetesObject): string[] {
  const {
    apiVersion,
    kind,
    metadata,
    status: _status,
    ...rest
  } = isSecret(object) ? maskSecret(object) : object
  const shown = { apiVersion, kind, metadata: shownMetadata(metadata), ...rest }
  return stringify(shown, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd().split('\n')
}

function shownMetadata(metadata: KubernetesObject['metadata']): KubernetesObject['metadata'] {
  const shown = { ...metadata }
  for (const field of serverFields) delete shown[field]
  if (shown.annotations?.[lastAppliedAnnotation])
    shown.annotations = { ...shown.annotations, [lastAppliedAnnotation]: '(what kubectl applied)' }
  return shown
}

const serverFields = [
  'managedFields',
  'generation',
  'resourceVersion',
  'uid',
  'creationTimestamp',
  'selfLink',
]
