import { placeText } from '../../cli/errors.ts'
import { didYouMean } from '../../cli/suggest.ts'
import { formatNamed, wordsOf } from '../variables/formats.ts'
import { type HostScope, hostScope } from './ansible/host-scope.ts'
import { hostsOfGroup } from './ansible/inventory.ts'
import { readLuksVolumes } from './luks-volumes.ts'
import { makeText } from './make/make-variables.ts'
import type { OldNode } from './old-cluster.ts'
import type { OldToolkit } from './reading.ts'
import { readReached } from './ssh-settings.ts'

/** Groups of the inventory that the old playbooks run on. */
const controlPlaneGroups = ['k8s_cplane', 'k8s_master']
const workerGroups = ['k8s_nodes']

export interface ReadNodes {
  nodes: OldNode[]
  /** The variables of each node, in the same order. */
  scopes: HostScope[]
}

/** The nodes: those of the inventory, or where it names none, those of K8S_NODES. */
export function readNodes(toolkit: OldToolkit): ReadNodes {
  const { ansible, findings } = toolkit
  const controlPlanes = membersOf(controlPlaneGroups, toolkit)
  const workers = membersOf(workerGroups, toolkit)
  const named = [...new Set([...controlPlanes, ...workers])].filter((name) => isNodeName(name, toolkit))
  const fromMake = named.length > 0 ? [] : namesFromMake(toolkit)
  if (named.length === 0) reportNoGroups(fromMake, toolkit)
  const scopes = [...named, ...fromMake].map((name) => hostScope(ansible, name))
  const nodes = scopes.map((scope): OldNode => {
    const { host: name } = scope
    const isControlPlane = controlPlanes.includes(name)
    const roles = [
      ...(isControlPlane ? ['control-plane'] : []),
      ...(workers.includes(name) ? ['worker'] : []),
    ]
    const host = ansible.inventory.hosts.get(name)
    const from = host ? placeText(host.place) : 'K8S_NODES'
    const reached = readReached({ scope, findings })
    return { name, from, roles, ...reached, labels: [], ...readLuksVolumes(scope, findings) }
  })
  reportOtherHosts(nodes, toolkit)
  return { nodes, scopes }
}

/** The nodes for which the old Makefile made PersistentVolumes, where these are not all workers. */
export function nodesWithVolumes(nodes: OldNode[], toolkit: OldToolkit): string[] | undefined {
  const text = toolkit.make.variables.has('NODES') ? makeText('NODES', toolkit.make) : ''
  const names = typeof text === 'string' ? wordsOf(text) : []
  const workers = nodes.filter(({ roles }) => roles.includes('worker')).map(({ name }) => name)
  const unknown = names.filter((name) => !nodes.some((node) => node.name === name))
  const variable = toolkit.make.variables.get('K8S_NODES') ?? toolkit.make.variables.get('NODES')
  if (unknown.length > 0 && toolkit.ansible.inventory.hosts.size > 0) {
    const message = `K8S_NODES names ${unknown.join(', ')}, which no group of the inventory has`
    const hint =
      didYouMean(
        unknown[0]!,
        nodes.map(({ name }) => name),
      ) ?? 'add what is missing to nodes in cluster.yaml'
    toolkit.findings.push({ severity: 'warning', ...variable?.place, message, hint })
  }
  const known = names.filter((name) => !unknown.includes(name))
  const isUsual = known.length === 0 || sorted(known) === sorted(workers)
  return isUsual ? undefined : known
}

function sorted(names: string[]): string {
  return [...names].sort().join(' ')
}

function membersOf(groups: string[], { ansible }: OldToolkit): string[] {
  return [...new Set(groups.flatMap((group) => hostsOfGroup(ansible.inventory, group)))]
}

function isNodeName(name: string, { ansible, findings }: OldToolkit): boolean {
  const { accepts, expected } = formatNamed('nodeName')
  if (accepts(name)) return true
  const place = ansible.inventory.hosts.get(name)!.place
  const hint = accepts(name.toLowerCase())
    ? `write ${name.toLowerCase()} into cluster.yaml`
    : 'rename the host'
  findings.push({
    severity: 'warning',
    ...place,
    message: `the host "${name}" is left out, expected ${expected}`,
    hint,
  })
  return false
}

function namesFromMake(toolkit: OldToolkit): string[] {
  const name = toolkit.make.variables.has('K8S_NODES') ? 'K8S_NODES' : 'NODES'
  const text = makeText(name, toolkit.make)
  return typeof text === 'string' ? wordsOf(text).filter(formatNamed('nodeName').accepts) : []
}

function reportNoGroups(names: string[], { ansible, findings }: OldToolkit): void {
  const groups = [...ansible.inventory.groups.keys()]
  const near = didYouMean(
    'k8s_nodes',
    groups.filter((group) => group !== 'all'),
  )
  const message = 'no inventory has a host in the groups k8s_cplane, k8s_master or k8s_nodes'
  const taken =
    names.length > 0
      ? ': the nodes are those of K8S_NODES, without roles, addresses and volumes'
      : ': no nodes are known'
  const hint = near ?? 'name nodes with their roles in cluster.yaml'
  findings.push({ severity: 'warning', message: `${message}${taken}`, hint })
}

function reportOtherHosts(nodes: OldNode[], { ansible, findings }: OldToolkit): void {
  const names = nodes.map(({ name }) => name)
  const others = [...ansible.inventory.hosts.values()].filter(({ name }) => !names.includes(name))
  for (const { name, place } of others.filter(({ name }) => formatNamed('nodeName').accepts(name))) {
    const message = `${name} is in none of the groups k8s_cplane, k8s_master and k8s_nodes: it becomes no node`
    findings.push({
      severity: 'note',
      ...place,
      message,
      hint: 'add it to nodes in cluster.yaml if it is one',
    })
  }
}
