import ipaddr from 'ipaddr.js'
import { quote } from '../../cli/process/quote.ts'
import type { ClusterNode } from '../../config/model.ts'
import { servingNamesFile } from '../kubeadm/paths.ts'

/** The table of the program: a node on each line, with the names and addresses that its certificate may have. */
export function servingNames(nodes: readonly Pick<ClusterNode, 'name' | 'address'>[]): string {
  const lines = nodes.map(({ name, address }) =>
    [name, name, ...(address ? [printedAddress(address)] : [])].join(' '),
  )
  return `${lines.sort().join('\n')}\n`
}

/** Puts one node into the table of a control plane that has one, as the whole table would have it. */
export function namesAdded(node: Pick<ClusterNode, 'name' | 'address'>): string {
  const line = servingNames([node]).trimEnd()
  return `if test -f ${servingNamesFile} && ! grep -qxF ${quote(line)} ${servingNamesFile}; then
  table=$(awk -v name=${quote(node.name)} '$1 != name' ${servingNamesFile})
  (umask 077; printf '%s\\n' "$table" ${quote(line)} | sed '/^$/d' | sort >${servingNamesFile}.new)
  mv -f ${servingNamesFile}.new ${servingNamesFile}
fi`
}

/** An address as openssl prints it: FD00:0:0:0:0:0:0:11. */
function printedAddress(address: string): string {
  return ipaddr.parse(address).toNormalizedString().toUpperCase()
}
