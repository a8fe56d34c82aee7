import ipaddr from 'ipaddr.js'
import type { ClusterNode } from '../../config/model.ts'

/** The table of the program: a node on each line, with the names and addresses that its certificate may have. */
export function servingNames(nodes: readonly Pick<ClusterNode, 'name' | 'address'>[]): string {
  const lines = nodes.map(({ name, address }) =>
    [name, name, ...(address ? [printedAddress(address)] : [])].join(' '),
  )
  return `${lines.sort().join('\n')}\n`
}

/** An address as openssl prints it: FD00:0:0:0:0:0:0:11. */
function printedAddress(address: string): string {
  return ipaddr.parse(address).toNormalizedString().toUpperCase()
}
