import type { Field } from '../field.ts'
import { label, labelValue, portName, qualifiedName, subdomain } from '../names.ts'
import { checkAffinity } from './affinity.ts'
import { checkContainer } from './container.ts'
import { checkAnnotations, checkLabels } from './metadata.ts'
import { checkPodVolumes } from './pod-volumes.ts'
import { checkSelector } from './selector.ts'
import { checkAddress, checkFilled, checkName, checkRange } from './values.ts'

/** A pod template: labels, annotations and the pod itself. */
export function checkPodTemplate(template: Field, options: { claims?: Field[] } = {}): void {
  checkLabels(template.at('metadata', 'labels'))
  checkAnnotations(template.at('metadata', 'annotations'))
  checkPod(template.at('spec'), options)
}

/** A pod's spec. `claims` are the volumeClaimTemplates, which give it volumes too. */
export function checkPod(spec: Field, { claims = [] }: { claims?: Field[] } = {}): void {
  if (spec.isMissing) {
    spec.error('is required')
    return
  }
  const volumes = [...spec.at('volumes').items, ...claims.map((claim) => claim.at('metadata'))]
  checkPodVolumes(spec.at('volumes'))
  checkContainers(spec, new Map(volumes.map((volume) => [volume.at('name').text ?? '', volume])))
  checkScheduling(spec)
  checkNames(spec)
  checkNetwork(spec)
  checkRange(spec.at('activeDeadlineSeconds'), { min: 1, max: 2 ** 31 - 1 })
  const ids = spec.at('securityContext')
  for (const name of ['runAsUser', 'runAsGroup', 'fsGroup'])
    checkRange(ids.at(name), { min: 0, max: 2 ** 31 - 1 })
}

function checkContainers(spec: Field, volumes: Map<string, Field>): void {
  const [regular, init] = [spec.at('containers').items, spec.at('initContainers').items]
  if (spec.at('containers').isEmpty)
    spec.at('containers').error('is required: a pod has at least one container')
  for (const container of regular) checkContainer(container, { volumes })
  for (const container of init) checkContainer(container, { volumes, init: true })
  const names = new Map(regular.map((container) => [container.at('name').text, container]))
  for (const container of init) {
    const same = names.get(container.at('name').text)
    if (same) container.at('name').error(`is the name of ${same.path} too`, { got: true })
  }
  for (const list of [regular, ...init.map((container) => [container])]) checkHostPorts(list, spec)
}

function checkHostPorts(containers: Field[], spec: Field): void {
  const seen = new Map<string, string>()
  for (const port of containers.flatMap((container) => container.at('ports').items)) {
    const [host, inside] = [port.at('hostPort'), port.at('containerPort')]
    if (spec.at('hostNetwork').value === true && host.number && host.number !== inside.number) {
      host.error(`expected ${inside.number}, the containerPort, because of hostNetwork`, { got: true })
    }
    if (!host.number) continue
    const identity = `${port.at('protocol').text ?? 'TCP'} ${port.at('hostIP').text ?? ''} ${host.number}`
    const first = seen.get(identity)
    if (first) host.error(`port ${host.number} of the node is already taken by ${first}`)
    else seen.set(identity, host.path)
  }
}

function checkScheduling(spec: Field): void {
  checkLabels(spec.at('nodeSelector'))
  checkAffinity(spec.at('affinity'))
  for (const toleration of spec.at('tolerations').items) checkToleration(toleration)
  for (const constraint of spec.at('topologySpreadConstraints').items) {
    checkRange(constraint.at('maxSkew'), { min: 1 })
    checkFilled(constraint.at('topologyKey'))
    checkSelector(constraint.at('labelSelector'))
  }
}

function checkToleration(toleration: Field): void {
  const { key, operator, value, effect } = {
    key: toleration.at('key'),
    operator: toleration.at('operator'),
    value: toleration.at('value'),
    effect: toleration.at('effect'),
  }
  checkName(key, qualifiedName)
  if (operator.text === 'Exists' && value.text) {
    value.error('cannot stand beside the operator Exists', { hint: 'remove it, or use the operator Equal' })
  }
  if (!operator.text || operator.text === 'Equal') checkName(value, labelValue)
  if (!key.text && operator.text !== 'Exists') {
    operator.error('expected Exists, because no key is given', { got: true, hint: 'add operator: Exists' })
  }
  if (!toleration.at('tolerationSeconds').isMissing && effect.text !== 'NoExecute') {
    effect.error('expected NoExecute, because tolerationSeconds is given', { got: true })
  }
}

function checkNames(spec: Field): void {
  for (const name of [
    'serviceAccountName',
    'serviceAccount',
    'priorityClassName',
    'runtimeClassName',
    'nodeName',
  ]) {
    checkName(spec.at(name), subdomain)
  }
  checkName(spec.at('hostname'), label)
  checkName(spec.at('subdomain'), label)
  for (const gate of spec.at('readinessGates').items) checkName(gate.at('conditionType'), qualifiedName)
}

function checkNetwork(spec: Field): void {
  const dns = spec.at('dnsConfig')
  if (spec.at('dnsPolicy').text === 'None' && dns.at('nameservers').isEmpty) {
    dns.at('nameservers').error('is required because dnsPolicy is None')
  }
  for (const server of dns.at('nameservers').items) checkAddress(server)
  for (const option of dns.at('options').items) checkFilled(option.at('name'))
  for (const alias of spec.at('hostAliases').items) {
    checkAddress(alias.at('ip'))
    for (const name of alias.at('hostnames').items) checkName(name, subdomain)
  }
}

/** The names of all ports in a pod, for Services that refer to them. */
export function portNames(spec: Field): Set<string> {
  const containers = [...spec.at('containers').items, ...spec.at('initContainers').items]
  const ports = containers.flatMap((container) => container.at('ports').items)
  return new Set(ports.map((port) => port.at('name').text ?? '').filter((name) => portName.accepts(name)))
}
