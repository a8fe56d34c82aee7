import { TaskError } from '../cli/errors.ts'
import { didYouMean } from '../cli/suggest.ts'
import type { ClusterNode, Config } from './model.ts'

/** The node of that full name, or of that first label where only one node has it; a TaskError otherwise. */
export function nodeNamed(config: Config, name: string): ClusterNode {
  const { nodes } = config.cluster
  const found = nodesMatching(nodes, name)
  if (found.length === 1) return found[0]!
  const hint = found.length > 1 ? `use the full name: NODE=${found[0]!.name}` : unknownNodeHint(nodes, name)
  throw new TaskError(unmatchedText(found, name), { hint })
}

/** Every node that a name may mean: the one of that full name, else all of that first label. */
export function nodesMatching(nodes: readonly ClusterNode[], name: string): ClusterNode[] {
  const exact = nodes.find((node) => node.name === name)
  return exact ? [exact] : nodes.filter((node) => firstLabel(node.name) === name)
}

/** Whether the cluster has a Node of it, which runs pods: a host of etcd alone has none. */
export function hasKubelet({ roles }: Pick<ClusterNode, 'roles'>): boolean {
  return roles.some((role) => role !== 'etcd')
}

/** "kube1" of "kube1.example.com". */
export function firstLabel(name: string): string {
  return name.split('.')[0]!
}

/** Why a name means no node, or not one alone. */
export function unmatchedText(found: readonly ClusterNode[], name: string): string {
  if (found.length === 0) return `no node is named ${name}`
  return `${name} may be ${found.map((node) => node.name).join(' or ')}`
}

/** The next thing to type after a name that no node has. */
export function unknownNodeHint(nodes: readonly ClusterNode[], name: string): string {
  const names = nodes.flatMap((node) => [node.name, firstLabel(node.name)])
  return didYouMean(name, names) ?? `the nodes are ${nodes.map((node) => node.name).join(', ')}`
}
