import type { Field } from '../field.ts'
import { label, portName, qualifiedName, subdomain } from '../names.ts'
import { checkLabels } from './metadata.ts'
import {
  checkAddress,
  checkChoice,
  checkCidr,
  checkFilled,
  checkName,
  checkPort,
  checkRange,
  checkUnique,
} from './values.ts'

/** A Service. */
export function checkService(object: Field): void {
  const spec = object.at('spec')
  const type = spec.at('type').text || 'ClusterIP'
  checkAddresses(spec)
  checkLabels(spec.at('selector'))
  if (type === 'ExternalName') {
    if (checkFilled(spec.at('externalName'))) checkName(spec.at('externalName'), withoutDot)
    return
  }
  checkPorts(spec, type)
  const policy = spec.at('externalTrafficPolicy')
  if (type === 'ClusterIP' && policy.text && spec.at('externalIPs').isEmpty) {
    policy.error('only Services of type NodePort and LoadBalancer have it', {
      hint: 'remove it, or set the type',
    })
  }
  const classField = spec.at('loadBalancerClass')
  checkName(classField, qualifiedName)
  if (type !== 'LoadBalancer' && classField.text)
    classField.error('only Services of type LoadBalancer have it')
  checkChoice(spec.at('trafficDistribution'), ['PreferClose', 'PreferSameZone', 'PreferSameNode'])
}

const withoutDot = { ...subdomain, accepts: (text: string) => subdomain.accepts(text.replace(/\.$/, '')) }

function checkAddresses(spec: Field): void {
  for (const field of [spec.at('clusterIP'), ...spec.at('clusterIPs').items]) {
    if (field.text !== 'None') checkAddress(field)
  }
  for (const field of spec.at('externalIPs').items) checkAddress(field)
  for (const field of spec.at('loadBalancerSourceRanges').items) checkCidr(field)
}

function checkPorts(spec: Field, type: string): void {
  const ports = spec.at('ports')
  if (ports.isEmpty && spec.at('clusterIP').text !== 'None') {
    ports.error('is required', { hint: 'only headless Services (clusterIP: None) have no ports' })
  }
  for (const port of ports.items) checkServicePort(port, type)
  if (ports.items.length > 1) {
    for (const port of ports.items) {
      if (port.at('name').isEmpty) port.at('name').error('is required when there are several ports')
    }
  }
  checkUnique(
    ports.items.map((port) => port.at('name')),
    'the port name',
  )
}

function checkServicePort(port: Field, type: string): void {
  checkName(port.at('name'), label)
  checkName(port.at('appProtocol'), qualifiedName)
  checkRange(port.at('port'), { min: 1, max: 65535 })
  if (port.at('targetPort').number === undefined) checkName(port.at('targetPort'), portName)
  else if (port.at('targetPort').number !== 0) checkPort(port.at('targetPort'))
  const node = port.at('nodePort')
  if (!node.number) return
  if (type === 'ClusterIP') {
    node.error('only Services of type NodePort and LoadBalancer have it', {
      hint: 'set type: NodePort, or remove it',
    })
  } else if (node.number < 30000 || node.number > 32767) {
    node.warning('expected 30000 to 32767 unless the API server was given another range', { got: true })
  }
}
