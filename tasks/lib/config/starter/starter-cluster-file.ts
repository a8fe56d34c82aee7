import { variableDefinition } from '../variables/variable-table.ts'
import type { StarterAnswers } from './starter-answers.ts'

/** The text of a new cluster.yaml. A "#" right before YAML marks what may be switched on by taking it away. */
export function starterClusterFile(answers: StarterAnswers): string {
  const schema = answers.schema ? [`# yaml-language-server: $schema=${answers.schema}`] : []
  const parts = [[...schema, ...head()], nodesPart(answers), loadBalancerPart(answers), ...rest()]
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function head(): string[] {
  return [
    '# The structure of the cluster; values for manifests stand in .env.',
    '# $NAME is expanded here in plain and double-quoted values. Where a variable says the same as a field,',
    '# the environment, .env.local and .env are stronger than this file.',
    'name: home',
    'kubernetes:',
    `  version: ${usual('K8S_VERSION')}`,
  ]
}

function nodesPart({ nodes, controlPlanes }: StarterAnswers): string[] {
  const about = [
    '# The machines, reached over SSH. Roles: control-plane, worker, etcd. An odd number of control planes is best.',
  ]
  if (nodes.length === 0) {
    return [
      ...about,
      '# As long as none is named here, the target is the sandbox.',
      ...commented(exampleNodes),
    ]
  }
  const lines = nodes.flatMap(({ name, address }) => [
    `  - name: ${name}`,
    ...(address ? [`    address: ${quotedAddress(address)}`] : []),
    `    roles: [${controlPlanes.includes(name) ? 'control-plane, worker' : 'worker'}]`,
  ])
  return [...about, 'nodes:', ...lines, '# A node may have more:', ...commented(exampleDetails)]
}

const exampleDetails = [
  '    labels: { example.com/disk: ssd }',
  '    taints: [{ key: dedicated, value: db, effect: NoSchedule }]',
  '    volumes:',
  '      - { name: volkube, vg: vg01, size: 100Gi, path: /var/lib/k8s-volumes }',
]

const exampleNodes = [
  'nodes:',
  '  - name: kube1.$DOMAIN',
  '    address: 192.168.1.11',
  '    roles: [control-plane, worker]',
  ...exampleDetails,
]

function loadBalancerPart({ loadBalancerRanges }: StarterAnswers): string[] {
  const about = '# Free addresses of your network for Services of type LoadBalancer: first-last or a subnet.'
  if (loadBalancerRanges.length === 0) {
    return [about, ...commented(['loadBalancer:', '  ranges: [192.168.1.240-192.168.1.250]'])]
  }
  return [about, 'loadBalancer:', '  ranges:', ...loadBalancerRanges.map((range) => `    - "${range}"`)]
}

function rest(): string[][] {
  return [
    [
      '# How the cluster is reached: a kubeconfig file and a context in it.',
      ...commented(['target:', '  kubeconfig: ~/.kube/config', '  context: sudo']),
    ],
    ['# The address under which all control planes answer.', ...commented(['endpoint: kube.$DOMAIN:6443'])],
    [
      '# Addresses inside the cluster. Provider: flannel, or none to bring your own.',
      'network:',
      `  provider: ${usual('CLUSTER_NETWORK')}`,
      `  podSubnet: ${usual('POD_SUBNET')}`,
      `  serviceSubnet: ${usual('SERVICE_SUBNET')}`,
      `  dnsDomain: ${usual('DNS_DOMAIN')}`,
    ],
    [
      '# Add-ons are on unless they say false.',
      ...commented(['addons:', '  headlamp: false', '  metrics-server: { enabled: true }']),
    ],
    [
      '# Local volumes that each worker offers: pools of equal ones, and named ones.',
      'volumes:',
      `  path: ${usual('K8S_VOLUMES_PATH')}`,
      '  pools:',
      ...['small', 'medium', 'large'].map(poolLine),
      '  named: [share]',
    ],
  ]
}

function poolLine(name: string): string {
  const [count, size] = [usual(`POOL_NUM_${name.toUpperCase()}`), usual(`POOL_SIZE_${name.toUpperCase()}`)]
  return `    ${name}: { count: ${Number(count)}, size: ${size} }`
}

function usual(variable: string): string {
  return variableDefinition(variable)!.default!
}

function commented(lines: string[]): string[] {
  return lines.map((line) => `#${line}`)
}

// An IPv6 address that begins or ends with ":" would be read as a map.
function quotedAddress(address: string): string {
  return address.includes(':') ? `"${address}"` : address
}
