import type { Finding } from '../../cli/errors.ts'
import { placeText } from '../../cli/errors.ts'
import { type Checked, placeOfNode, placeOfVariable } from '../cluster-file/places.ts'
import type { ClusterNode, Role } from '../model.ts'
import { firstLabel, nodesMatching, unknownNodeHint, unmatchedText } from '../nodes.ts'
import { normalAddress } from './addresses.ts'

/** Nodes that are there twice, roles that make no cluster, and a NODE that means none or several. */
export function checkNodes(checked: Checked): Finding[] {
  const { nodes } = checked.config.cluster
  return [
    ...checkNames(nodes, checked),
    ...checkNodeAddresses(nodes, checked),
    ...checkRoles(nodes, checked),
    ...checkChosenNode(nodes, checked),
  ]
}

function checkNames(nodes: ClusterNode[], checked: Checked): Finding[] {
  return nodes.flatMap((node, index) => {
    const place = placeOfNode(checked, { index, field: 'name' })
    const twin = nodes.findIndex((other) => firstLabel(other.name) === firstLabel(node.name))
    if (twin === index || node.name === '') return []
    const other = nodes[twin]!
    const first = placeText(placeOfNode(checked, { index: twin, field: 'name' }))
    if (nodes.findIndex(({ name }) => name === node.name) < index) {
      const message = `node ${node.name} is there twice, first in ${first}`
      return [
        { severity: 'error', ...place, message, hint: 'remove one of the two, or give it another name' },
      ]
    }
    const message = `${node.name} and ${other.name} have the same first label, which names their volumes`
    return [
      {
        severity: 'error',
        ...place,
        message,
        hint: `rename one of them, for example ${firstLabel(node.name)}b`,
      },
    ]
  })
}

function checkNodeAddresses(nodes: ClusterNode[], checked: Checked): Finding[] {
  return nodes.flatMap(({ name, address }, index) => {
    if (!address) return []
    const first = nodes.findIndex(
      (other) => other.address && normalAddress(other.address) === normalAddress(address),
    )
    if (first === index) return []
    const place = placeOfNode(checked, { index, field: 'address' })
    const message = `${name} has the address ${address} of ${nodes[first]!.name}`
    return [{ severity: 'error', ...place, message, hint: `give ${name} its own address` }]
  })
}

function checkRoles(nodes: ClusterNode[], checked: Checked): Finding[] {
  const controlPlanes = withRole(nodes, 'control-plane')
  const place = checked.places.get('nodes') ?? placeOfVariable(checked, 'K8S_NODES')
  if (controlPlanes.length === 0 && nodes.length > 0 && nodes.every(({ roles }) => roles.length > 0)) {
    const hint = `add control-plane to the roles of ${nodes[0]!.name}`
    return [{ severity: 'error', ...place, message: 'no node has the role control-plane', hint }]
  }
  const etcd = withRole(nodes, 'etcd')
  const [role, members] =
    etcd.length > 0 ? (['etcd', etcd] as const) : (['control-plane', controlPlanes] as const)
  if (members.length === 0 || members.length % 2 === 1) return []
  const message = `${members.length} nodes have the role ${role}: they survive the loss of no more of them than ${members.length - 1} would`
  const hint = `take ${role} from one node, or give it to one more`
  return [{ severity: 'warning', ...place, message, hint }]
}

function withRole(nodes: ClusterNode[], role: Role): ClusterNode[] {
  return nodes.filter((node) => node.roles.includes(role))
}

function checkChosenNode(nodes: ClusterNode[], checked: Checked): Finding[] {
  const chosen = checked.config.variables.get('NODE')
  if (!chosen?.value) return []
  const found = nodesMatching(nodes, chosen.value)
  if (found.length === 1) return []
  const hint =
    found.length > 1 ? `use the full name: NODE=${found[0]!.name}` : unknownNodeHint(nodes, chosen.value)
  return [
    { severity: 'error', ...chosen.place, message: `NODE: ${unmatchedText(found, chosen.value)}`, hint },
  ]
}
