import { didYouMean } from '../../../cli/suggest.ts'
import type { Field } from '../field.ts'
import { dataKey, subdomain, variableName } from '../names.ts'
import { checkExactlyOne, checkFilled, checkName } from './values.ts'

/** The environment variables of a container. */
export function checkEnvironment(container: Field): void {
  for (const variable of container.at('env').items) {
    checkName(variable.at('name'), variableName)
    checkValueFrom(variable)
  }
  for (const source of container.at('envFrom').items) {
    checkExactlyOne(source, ['configMapRef', 'secretRef'], 'the source of the variables')
    for (const reference of [source.at('configMapRef'), source.at('secretRef')]) checkObjectName(reference)
  }
}

const sources = ['configMapKeyRef', 'secretKeyRef', 'fieldRef', 'resourceFieldRef', 'fileKeyRef']

function checkValueFrom(variable: Field): void {
  const from = variable.at('valueFrom')
  if (from.isMissing) return
  checkExactlyOne(from, sources, 'the source of the value')
  if (variable.at('value').text) from.error('cannot stand beside value', { hint: 'keep one of the two' })
  for (const reference of [from.at('configMapKeyRef'), from.at('secretKeyRef')]) {
    checkObjectName(reference)
    checkName(reference.at('key'), dataKey)
  }
  checkFieldPath(from.at('fieldRef', 'fieldPath'))
  checkResource(from.at('resourceFieldRef', 'resource'))
}

/** The name of the ConfigMap or Secret that a present reference points at. */
function checkObjectName(reference: Field): void {
  if (reference.isMissing) return
  if (checkFilled(reference.at('name'))) checkName(reference.at('name'), subdomain)
}

const podFields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'metadata.labels',
  'metadata.annotations',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]

/** A field of the pod itself, as fieldRef names it. */
export function checkFieldPath(path: Field): void {
  const { text } = path
  if (!text || podFields.includes(text) || /^metadata\.(labels|annotations)\['.+'\]$/.test(text)) return
  path.error('expected a field that a pod tells of itself', { got: true, hint: didYouMean(text, podFields) })
}

/** A resource of the container, as resourceFieldRef names it. */
export function checkResource(resource: Field): void {
  if (
    !resource.text ||
    /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.+)$/.test(resource.text)
  )
    return
  resource.error('expected limits or requests of cpu, memory or ephemeral-storage', { got: true })
}
