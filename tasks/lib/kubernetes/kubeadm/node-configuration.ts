import type { ClusterNode, Config } from '../../config/model.ts'
import type { JsonMap } from '../../manifest/object.ts'
import { clusterConfiguration } from './cluster-configuration.ts'
import { kubeletConfiguration, kubeProxyConfiguration } from './component-configuration.ts'
import { args, criSocket, kubeadmVersion, timeouts } from './documents.ts'
import { apiEndpoint, apiPort, externalEtcdNodes } from './topology.ts'

type Clustered = Pick<Config, 'cluster'>

/** What tells our bootstrap tokens from those of others. */
export const tokenDescription = 'metaltasks'

/** What the first control plane is made with, and with it the cluster. */
export function initConfiguration(config: Clustered, node: ClusterNode): JsonMap[] {
  return [
    initDocument(config, node),
    clusterConfiguration(config),
    kubeletConfiguration(config),
    kubeProxyConfiguration(config),
  ]
}

/** What a control plane lends its certificates with, for as long as another one joins. */
export function loanConfiguration(
  config: Clustered,
  { certificateKey }: { certificateKey: string },
): JsonMap[] {
  const nodeRegistration = { criSocket }
  return [
    { apiVersion: kubeadmVersion, kind: 'InitConfiguration', certificateKey, nodeRegistration },
    clusterConfiguration(config),
  ]
}

/** What a joining node needs of the cluster it joins. */
export interface JoinTicket {
  token: string
  caHash: string
  /** Of the lent certificates: a control plane's. */
  certificateKey?: string
}

/** What a further node joins with; a control plane where the ticket lends certificates. */
export function joinConfiguration(
  config: Clustered,
  { node, ticket }: { node: ClusterNode; ticket: JoinTicket },
): JsonMap[] {
  const { token, caHash, certificateKey } = ticket
  const { address } = node
  return [
    {
      apiVersion: kubeadmVersion,
      kind: 'JoinConfiguration',
      nodeRegistration: nodeRegistration(config, node),
      discovery: {
        bootstrapToken: { apiServerEndpoint: apiEndpoint(config.cluster), token, caCertHashes: [caHash] },
      },
      ...(certificateKey && {
        controlPlane: { ...(address && { localAPIEndpoint: localEndpoint(address) }), certificateKey },
      }),
      ...timeouts(config),
    },
  ]
}

// The token is never used: kubeadm would make one for a day where none is given.
function initDocument(config: Clustered, node: ClusterNode): JsonMap {
  const { address } = node
  return {
    apiVersion: kubeadmVersion,
    kind: 'InitConfiguration',
    bootstrapTokens: [{ description: tokenDescription, ttl: '15m0s' }],
    ...(address && { localAPIEndpoint: localEndpoint(address) }),
    nodeRegistration: nodeRegistration(config, node),
    ...timeouts(config),
  }
}

function localEndpoint(advertiseAddress: string): JsonMap {
  return { advertiseAddress, bindPort: apiPort }
}

const controlPlaneTaint = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }

function nodeRegistration({ cluster }: Clustered, node: ClusterNode): JsonMap {
  const isControlPlane = node.roles.includes('control-plane')
  const isReserved = isControlPlane && !node.roles.includes('worker')
  const hasEtcd = isControlPlane && externalEtcdNodes(cluster).length === 0
  // A volume has lost+found: whether etcd has data there is looked at by the commands before kubeadm.
  const ignorePreflightErrors = [
    ...cluster.kubeadm.ignorePreflightErrors,
    ...(hasEtcd ? ['DirAvailable--var-lib-etcd'] : []),
  ]
  return {
    name: node.name,
    criSocket,
    ...(ignorePreflightErrors.length > 0 && { ignorePreflightErrors }),
    imagePullPolicy: 'IfNotPresent',
    imagePullSerial: false,
    ...(node.address && { kubeletExtraArgs: args({ 'node-ip': node.address }) }),
    taints: [...(isReserved ? [controlPlaneTaint] : []), ...node.taints.map((taint) => ({ ...taint }))],
  }
}
