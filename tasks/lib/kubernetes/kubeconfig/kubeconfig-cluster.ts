import { text } from '../../api/kubeconfig/kubeconfig-entry.ts'
import type { Fields } from '../../api/kubeconfig/kubeconfig-files.ts'

/**
 * Whether two cluster entries are about different clusters: neither the address nor the certificate authority is the
 * same. One that moved keeps its authority, one that was made anew keeps its address.
 */
export function isElsewhere(one: Fields, other: Fields): boolean {
  const isSameServer = serverOf(one) === serverOf(other)
  const authority = authorityOf(one)
  return !isSameServer && (authority === undefined || authority !== authorityOf(other))
}

/** Whether both reach the same server, trusted by the same authority. */
export function isSameCluster(one: Fields, other: Fields): boolean {
  return serverOf(one) === serverOf(other) && authorityOf(one) === authorityOf(other)
}

/** "https://10.0.0.1:6443", however it is spelled. */
export function serverOf(cluster: Fields): string {
  const server = text(cluster, 'server') ?? ''
  return URL.canParse(server) ? new URL(server).href.replace(/\/$/, '') : server
}

// The text of the PEM, without the line ends and blanks that editors add.
function authorityOf(cluster: Fields): string | undefined {
  const data = text(cluster, 'certificate-authority-data')
  if (data === undefined) return undefined
  return Buffer.from(data, 'base64').toString().replace(/\s/g, '')
}
