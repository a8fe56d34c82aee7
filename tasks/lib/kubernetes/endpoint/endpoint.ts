import { isIP } from 'node:net'
import { TaskError } from '../../cli/errors.ts'
import type { Endpoint } from '../../config/kubeadm-model.ts'
import type { Cluster } from '../../config/model.ts'
import { apiPort, hostPort } from '../kubeadm/topology.ts'

/** An endpoint whose address one of the control planes holds at a time. */
export interface HeldEndpoint extends Endpoint {
  provider: 'kube-vip' | 'keepalived'
}

/** A control plane, by the address at which the others reach it. */
export interface Peer {
  name: string
  address: string
}

/** The endpoint that control planes hold themselves; undefined where there is none, or somebody else holds it. */
export function heldEndpoint({ endpoint }: Pick<Cluster, 'endpoint'>): HeldEndpoint | undefined {
  if (!endpoint || endpoint.provider === 'external') return undefined
  const { host, port, provider } = endpoint
  const shown = hostPort(host, port)
  if (!isIP(host))
    throw new TaskError(`the endpoint ${shown} is a name: ${provider} needs the address itself`, {
      hint: 'in cluster.yaml: endpoint: { address: 192.168.1.10:…, provider: … }; the name goes to kubeadm.certSANs',
    })
  if (provider === 'keepalived' && port === apiPort)
    throw new TaskError(`the endpoint ${shown} has the port of the API servers on the same machines`, {
      hint: `give HAProxy another one: ${hostPort(host, 8443)}`,
    })
  if (provider === 'kube-vip' && port !== apiPort)
    throw new TaskError(`the endpoint ${shown} has a port at which no API server listens`, {
      hint: `kube-vip only moves the address: ${hostPort(host, apiPort)}`,
    })
  return { ...endpoint, provider }
}
