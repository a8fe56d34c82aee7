import { resolve } from 'node:path'
import type { Place } from '../../cli/errors.ts'
import { parseEndpoint } from '../checks/addresses.ts'
import type { Cluster, ClusterNode, NodeVolume, Role, Variables, VolumePool } from '../model.ts'
import { wordsOf } from '../variables/formats.ts'
import { addonNames, poolNames } from './cluster-fields.ts'
import type { ClusterValues, NodeValues } from './cluster-values.ts'
import { buildEndpoint, buildKubeadm } from './kubeadm.ts'
import { buildMachines } from './machines.ts'

/** All that a cluster is made of. */
export interface ClusterSources {
  root: string
  variables: Variables
  values: ClusterValues
  places: ReadonlyMap<string, Place>
  home?: string
}

/** The cluster that variables and cluster.yaml describe; configured is false where neither names a node. */
export function buildCluster(sources: ClusterSources): { cluster: Cluster; configured: boolean } {
  const { variables, values } = sources
  const text = (name: string) => variables.get(name)?.value ?? ''
  const nodes = buildNodes(sources)
  const endpoint = parseEndpoint(text('K8S_ENDPOINT'))
  const kubeconfig = pathOf(text('K8S_KUBECONFIG'), sources)
  const context = text('K8S_CONTEXT')
  const cluster: Cluster = {
    name: text('CLUSTER_NAME'),
    kubernetesVersion: text('K8S_VERSION'),
    ...(kubeconfig && { kubeconfig }),
    ...(context && { context }),
    nodes,
    network: {
      provider: text('CLUSTER_NETWORK'),
      podSubnet: text('POD_SUBNET'),
      serviceSubnet: text('SERVICE_SUBNET'),
      dnsDomain: text('DNS_DOMAIN'),
    },
    ...(endpoint && { endpoint: buildEndpoint(endpoint, values) }),
    ...buildKubeadm(values, { places: sources.places, pathOf: (path) => pathOf(path, sources)! }),
    loadBalancerRanges: wordsOf(text('LOAD_BALANCER_RANGES')),
    addons: buildAddons(values, text('CLUSTER_NETWORK')),
    pools: poolNames.map((name) => buildPool(name, variables)),
    namedVolumes: buildNamedVolumes(values, variables),
    volumesOnRootDisk: values.volumes?.rootDisk ?? false,
    ...buildMachines(values, { user: text('SSH_USER'), identity: pathOf(text('SSH_IDENTITY'), sources) }),
  }
  return { cluster, configured: isConfigured(variables) }
}

function isConfigured(variables: Variables): boolean {
  const nodes = variables.get('K8S_NODES')
  return nodes !== undefined && nodes.origin !== 'default' && wordsOf(nodes.value).length > 0
}

function buildNodes({ variables, values, places }: ClusterSources): ClusterNode[] {
  const names = variables.get('K8S_NODES')!
  const fromFile = names.origin.startsWith('cluster.yaml:')
  const wanted = isConfigured(variables)
    ? wordsOf(names.value)
    : wordsOf(variables.get('SANDBOX_NODES')!.value)
  const written: NodeValues[] = values.nodes ?? []
  const nodes = fromFile
    ? written
    : wanted.map((name) => written.find((node) => node.name === name) ?? { name })
  const noRoles = nodes.every((node) => !node.roles)
  return nodes.map((node, index) => {
    const place = fromFile ? places.get(`nodes[${index}]`) : names.place
    return buildNode(node, { place, roles: noRoles ? usualRoles(index, nodes.length) : ['worker'] })
  })
}

// Three control planes survive the loss of one; two would not even survive what one survives.
function usualRoles(index: number, count: number): Role[] {
  return index < (count >= 3 ? 3 : 1) ? ['control-plane', 'worker'] : ['worker']
}

function buildNode(values: NodeValues, rest: { place?: Place; roles: Role[] }): ClusterNode {
  const { name = '', address, user, port, roles = rest.roles, labels = {}, taints = [] } = values
  const volumes = (values.volumes ?? []).map((volume) => ({ filesystem: 'ext4', ...volume }) as NodeVolume)
  return {
    name,
    ...(address && { address }),
    ...(user && { user }),
    ...(port && { port }),
    roles,
    labels,
    taints,
    volumes,
    ...(rest.place && { place: rest.place }),
  }
}

function pathOf(path: string, { root, home }: ClusterSources): string | undefined {
  if (!path) return undefined
  return resolve(root, home ? path.replace(/^~(?=\/|$)/, home) : path)
}

function buildAddons(values: ClusterValues, provider: string): Cluster['addons'] {
  const entries = addonNames.map((name) => {
    const { enabled = name !== 'flannel' || provider === 'flannel', settings = {} } =
      values.addons?.[name] ?? {}
    return [name, { enabled, settings }] as const
  })
  return Object.fromEntries(entries)
}

// Number('0030') is 30: the old form with leading zeros is decimal.
function buildPool(name: string, variables: Variables): VolumePool {
  const upper = name.toUpperCase()
  const count = Number(variables.get(`POOL_NUM_${upper}`)!.value)
  return {
    name,
    size: variables.get(`POOL_SIZE_${upper}`)!.value,
    count: Number.isSafeInteger(count) ? count : 0,
  }
}

function buildNamedVolumes(values: ClusterValues, variables: Variables): Cluster['namedVolumes'] {
  const size = variables.get('POOL_SIZE_MEDIUM')!.value
  return wordsOf(variables.get('NAMED_VOLUMES')!.value).map((name) => {
    const written = values.volumes?.named?.find((volume) => volume.name === name)
    return { name, size: written?.size ?? size }
  })
}
