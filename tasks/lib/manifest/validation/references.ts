import type { Finding } from '../../cli/errors.ts'
import { didYouMean } from '../../cli/suggest.ts'
import type { ManifestObject } from '../object.ts'
import type { Field } from './field.ts'
import { reportingField } from './report.ts'
import { portNames } from './rules/pod.ts'
import { isMap } from './scalar-types.ts'

interface Pods {
  namespace: string
  labels: Record<string, unknown>
  ports: Set<string>
}

/** Warns of a Service whose targetPort names a port that none of the pods it selects in this set has. */
export function checkReferences(objects: ManifestObject[]): Finding[] {
  const findings: Finding[] = []
  const services = objects.filter(({ object }) => object.apiVersion === 'v1' && object.kind === 'Service')
  const pods = services.length > 0 ? objects.flatMap((manifest) => podsOf(manifest)) : []
  for (const service of services) checkTargetPorts(reportingField(service, findings), pods)
  return findings
}

function podsOf(manifest: ManifestObject): Pods[] {
  const object = reportingField(manifest, [])
  const template = manifest.object.kind === 'Pod' ? object : object.at('spec', 'template')
  const labels = template.at('metadata', 'labels').value
  if (!isMap(labels) || template.at('spec', 'containers').isMissing) return []
  const namespace = object.at('metadata', 'namespace').text || 'default'
  return [{ namespace, labels, ports: portNames(template.at('spec')) }]
}

function checkTargetPorts(service: Field, pods: Pods[]): void {
  const selector = service.at('spec', 'selector')
  if (selector.isEmpty) return
  const namespace = service.at('metadata', 'namespace').text || 'default'
  const selected = pods.filter(
    ({ labels, namespace: own }) =>
      own === namespace && selector.fields.every((wanted) => labels[wanted.key] === wanted.value),
  )
  if (selected.length === 0) return
  const names = new Set(selected.flatMap(({ ports }) => [...ports]))
  for (const port of service.at('spec', 'ports').items) {
    const target = port.at('targetPort')
    if (!target.text || names.has(target.text)) continue
    const hint =
      didYouMean(target.text, names) ?? `the pods have ${[...names].join(', ') || 'no named ports'}`
    target.warning('no pod that the Service selects has a port of this name', { got: true, hint })
  }
}
