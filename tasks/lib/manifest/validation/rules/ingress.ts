import { isIP } from 'node:net'
import type { Field } from '../field.ts'
import { label, portName, subdomain, wildcardHost } from '../names.ts'
import { checkExactlyOne, checkFilled, checkName, checkRange } from './values.ts'

/** An Ingress. */
export function checkIngress(object: Field): void {
  const spec = object.at('spec')
  if (spec.at('rules').isEmpty && spec.at('defaultBackend').isMissing) {
    spec.error('rules or defaultBackend is required')
  }
  checkBackend(spec.at('defaultBackend'))
  checkName(spec.at('ingressClassName'), subdomain)
  for (const rule of spec.at('rules').items) checkRule(rule)
  for (const tls of spec.at('tls').items) {
    checkName(tls.at('secretName'), subdomain)
    for (const host of tls.at('hosts').items) checkName(host, wildcardHost)
  }
  const annotation = object.at('metadata', 'annotations', 'kubernetes.io/ingress.class')
  if (!annotation.isMissing && spec.at('ingressClassName').text) {
    annotation.error('cannot stand beside ingressClassName', { hint: 'remove the annotation' })
  }
}

/** An IngressClass. */
export function checkIngressClass(object: Field): void {
  const controller = object.at('spec', 'controller')
  if (checkFilled(controller) && !/^[^/]+\/.+$/.test(controller.text ?? '/')) {
    controller.error('expected a domain and a name such as example.com/controller', { got: true })
  }
}

function checkRule(rule: Field): void {
  const host = rule.at('host')
  if (host.text && isIP(host.text)) host.error('expected a host name, not an IP address', { got: true })
  else checkName(host, wildcardHost)
  const http = rule.at('http')
  if (http.isMissing) return
  checkFilled(http.at('paths'))
  for (const path of http.at('paths').items) {
    checkPath(path)
    checkBackend(path.at('backend'))
  }
}

function checkPath(item: Field): void {
  const [path, type] = [item.at('path'), item.at('pathType').text]
  checkFilled(item.at('pathType'))
  const text = path.text ?? ''
  const isExact = type === 'Exact' || type === 'Prefix'
  if ((isExact || text) && !text.startsWith('/')) {
    path.error('expected a path that begins with "/"', { got: true })
    return
  }
  const forbidden = isExact ? /\/\/|\/\.\.?\/|%2f|\/\.\.?$/i.exec(text)?.[0] : undefined
  if (forbidden) path.error(`cannot hold "${forbidden}"`, { got: true })
}

function checkBackend(backend: Field): void {
  if (backend.isMissing) return
  checkExactlyOne(backend, ['service', 'resource'], 'what answers')
  const service = backend.at('service')
  if (service.isMissing) return
  checkName(service.at('name'), label)
  checkFilled(service.at('name'))
  const port = service.at('port')
  if (port.isMissing) {
    port.error('is required', { hint: 'add port with name or number' })
    return
  }
  checkExactlyOne(port, ['name', 'number'], 'the port')
  checkName(port.at('name'), portName)
  checkRange(port.at('number'), { min: 1, max: 65535 })
}
