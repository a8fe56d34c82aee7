import type { Cluster, ClusterNode } from '../../config/model.ts'

interface Nodes {
  nodes: readonly ClusterNode[]
}

/** The nodes with an API server, in their order. */
export function controlPlaneNodes({ nodes }: Nodes): ClusterNode[] {
  return nodes.filter(({ roles }) => roles.includes('control-plane'))
}

/** Hosts of an etcd outside of the control planes; none: each control plane has a member of its own. */
export function externalEtcdNodes({ nodes }: Nodes): ClusterNode[] {
  return nodes.filter(({ roles }) => roles.includes('etcd') && !roles.includes('control-plane'))
}

/** The nodes that run pods: with a kubelet, and no API server. */
export function workerNodes({ nodes }: Nodes): ClusterNode[] {
  return nodes.filter(({ roles }) => roles.includes('worker') && !roles.includes('control-plane'))
}

/** Where others find the member of etcd that a control plane has of its own; undefined without one, or without an address. */
export function ownPeerUrl(cluster: Nodes, { address, roles }: ClusterNode): string | undefined {
  const hasOwn = roles.includes('control-plane') && externalEtcdNodes(cluster).length === 0
  return hasOwn && address ? `https://${hostPort(address, 2380)}` : undefined
}

/** host:port under which the API is found: the endpoint, or the first control plane where there is none. */
export function apiEndpoint(cluster: Pick<Cluster, 'nodes' | 'endpoint'>): string {
  const { endpoint } = cluster
  if (endpoint) return hostPort(endpoint.host, endpoint.port)
  const [first] = controlPlaneNodes(cluster)
  return hostPort(first?.address ?? first?.name ?? '', apiPort)
}

/** The port of every API server. */
export const apiPort = 6443

/** "10.0.0.10:6443", "[fd00::10]:6443" */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
