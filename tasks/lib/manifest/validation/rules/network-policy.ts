import type { Field } from '../field.ts'
import { checkSelector } from './selector.ts'
import { checkAtMostOne, checkCidr, checkPort, checkRange } from './values.ts'

/** A NetworkPolicy. */
export function checkNetworkPolicy(object: Field): void {
  const spec = object.at('spec')
  checkSelector(spec.at('podSelector'))
  for (const rule of spec.at('ingress').items) checkRule(rule, 'from')
  for (const rule of spec.at('egress').items) checkRule(rule, 'to')
}

function checkRule(rule: Field, peers: 'from' | 'to'): void {
  for (const port of rule.at('ports').items) checkPolicyPort(port)
  for (const peer of rule.at(peers).items) checkPeer(peer)
}

function checkPolicyPort(item: Field): void {
  const [port, end] = [item.at('port'), item.at('endPort')]
  checkPort(port, { named: true })
  if (end.isMissing) return
  if (port.number === undefined) {
    end.error('needs a port that is a number')
    return
  }
  checkRange(end, { min: port.number, max: 65535 })
}

function checkPeer(peer: Field): void {
  checkSelector(peer.at('podSelector'))
  checkSelector(peer.at('namespaceSelector'))
  checkAtMostOne(peer, ['podSelector', 'ipBlock'])
  checkAtMostOne(peer, ['namespaceSelector', 'ipBlock'])
  if (peer.fields.every((field) => field.isMissing)) {
    peer.error('names nobody', { hint: 'add podSelector, namespaceSelector or ipBlock; {} selects all pods' })
  }
  checkCidr(peer.at('ipBlock', 'cidr'))
  for (const range of peer.at('ipBlock', 'except').items) checkCidr(range)
}
