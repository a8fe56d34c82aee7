import { block, field, yamlText } from './cluster-lines.ts'
import type { OldCluster, OldNode, OldPool, OldSync, OldVolume } from './old-cluster.ts'
import type { Taken } from './reading.ts'

/** The text of cluster.yaml for what was read of the old toolkit: each value with the place it comes from. */
export function movedClusterFile(cluster: OldCluster, schema: string | undefined): string {
  const { keyServer, ssh } = cluster
  const parts = [
    [...(schema ? [`# yaml-language-server: $schema=${schema}`] : []), ...head],
    [...field(0, 'name', cluster.name), ...block('kubernetes:', field(2, 'version', cluster.version))],
    target,
    field(0, 'endpoint', cluster.endpoint),
    block('network:', [
      ...field(2, 'provider', cluster.provider),
      ...field(2, 'podSubnet', cluster.podSubnet),
      ...field(2, 'serviceSubnet', cluster.serviceSubnet),
    ]),
    block('nodes:', cluster.nodes.flatMap(nodeLines)),
    block('ssh:', [
      ...field(2, 'user', ssh.user),
      ...field(2, 'port', ssh.port),
      ...field(2, 'identity', ssh.identity),
      ...field(2, 'bastion', ssh.bastion),
    ]),
    keyServer ? keyServerLines(keyServer) : [],
    block('system:', systemLines(cluster)),
    block('volumes:', volumesLines(cluster)),
    cluster.synced ? syncLines(cluster.synced) : [],
  ]
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

const head = [
  '# The structure of the cluster, moved in from the old toolkit: behind each value stands where it was.',
  '# Values for manifests stand in .env. The first plan formats nothing and removes nothing: tasks plan',
]

const target = [
  '# As the old toolkit named them.',
  'target:',
  '  kubeconfig: ~/.kube/config',
  '  context: sudo',
]

function nodeLines(node: OldNode): string[] {
  return [
    `  - name: ${yamlText(node.name)} # ${node.from}`,
    ...field(4, 'address', node.address),
    ...field(4, 'user', node.user),
    ...field(4, 'port', node.port),
    ...(node.roles.length > 0 ? [`    roles: [${node.roles.join(', ')}]`] : []),
    ...block(
      '    labels:',
      node.labels.flatMap(([key, value]) => labelLine(key, value)),
    ),
    ...block('    volumes:', node.volumes.flatMap(volumeLines)),
    ...node.left.map(({ value, from }) => `    # the volume ${value} is left out, see ${from}`),
  ]
}

// A label is a text, also where it looks like a number.
function labelLine(key: string, { value, from }: Taken): string[] {
  return [`      ${yamlText(key)}: '${value}' # ${from}`]
}

function volumeLines({ name, vg, size, path, filesystem, inodes }: OldVolume): string[] {
  return [
    `      - name: ${yamlText(name.value)} # ${name.from}`,
    ...field(8, 'vg', vg),
    ...field(8, 'size', size),
    ...field(8, 'path', path),
    ...field(8, 'filesystem', filesystem),
    ...field(8, 'inodes', inodes),
  ]
}

function keyServerLines({ host, path }: NonNullable<OldCluster['keyServer']>): string[] {
  return [
    '# The keys stay where they are: PATH/keys/NODE/VOLUME.',
    'keyServer:',
    ...field(2, 'host', host),
    ...field(2, 'path', path),
  ]
}

function systemLines({ system: { packages, modules, sysctl } }: OldCluster): string[] {
  const list = (key: string, items: Taken[]) =>
    block(
      `  ${key}:`,
      items.map(({ value, from }) => `    - ${yamlText(value)} # ${from}`),
    )
  const settings = sysctl.map(
    ([key, { value, from }]) => `    ${key}: '${value.replaceAll("'", "''")}' # ${from}`,
  )
  return [...list('packages', packages), ...list('modules', modules), ...block('  sysctl:', settings)]
}

function volumesLines({ volumesPath, pools, namedVolumes }: OldCluster): string[] {
  const named = namedVolumes?.value.map((name) => yamlText(name)).join(', ')
  return [
    ...field(2, 'path', volumesPath),
    ...block('  pools:', pools.flatMap(poolLines)),
    ...(namedVolumes ? [`  named: [${named}] # ${namedVolumes.from}`] : []),
  ]
}

function poolLines({ name, count, size }: OldPool): string[] {
  return block(`    ${name}:`, [...field(6, 'count', count), ...field(6, 'size', size)])
}

// Two programs that synchronise one folder would fight over it.
function syncLines({ path, nodes, from }: OldSync): string[] {
  return [
    `# data-sync kept this folder the same (${from}). First remove its pods, then take the "#" away:`,
    '#sync:',
    '#  - name: share',
    `#    path: ${yamlText(path)}`,
    `#    nodes: [${nodes.join(', ')}]`,
  ]
}
