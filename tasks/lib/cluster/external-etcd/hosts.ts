import { TaskError } from '../../cli/errors.ts'
import type { ClusterNode, Config } from '../../config/model.ts'
import { externalEtcdNodes } from '../../kubernetes/kubeadm/topology.ts'
import { type HostState, surveyHosts } from '../../node/etcd/host-state.ts'
import { clientUrl, type HostCluster, type HostMember, hostFiles } from '../../node/etcd/member.ts'
import type { EtcdView } from '../../node/etcd-members/member.ts'
import { readEtcd } from '../../node/etcd-members/read-view.ts'
import type { KubernetesSurvey } from '../../node/kubeadm/kubernetes-state.ts'
import type { Machines } from '../../node/ssh/machines.ts'
import type { SecretProject } from '../../secrets/project.ts'
import { addressOf, areKnown } from '../endpoint/addresses.ts'
import { type EtcdAuthority, etcdAuthority } from './authority.ts'

export interface EtcdScene {
  config: Pick<Config, 'cluster'>
  machines: Pick<Machines, 'of'>
  /** The nodes that this run is about. */
  nodes: ClusterNode[]
  survey: KubernetesSurvey
  project: SecretProject
  now: Date
  signal: AbortSignal
}

/** The hosts of etcd, as they are. */
export interface EtcdHosts {
  authority: EtcdAuthority
  cluster: HostCluster
  /** Those that this run is about. */
  chosen: { node: ClusterNode; member: HostMember }[]
  /** By name; without those that do not answer. */
  states: ReadonlyMap<string, HostState>
  /** All of them answered: only then it is known what is to be started. */
  isWhole: boolean
  /** No member of it has ever voted: all of them found it together. */
  isNew: boolean
}

/** Undefined where there are none, or one of them does not answer and its address is not known. */
export async function etcdHosts(scene: EtcdScene): Promise<EtcdHosts | undefined> {
  const { config, machines, nodes, survey, signal } = scene
  const hosts = externalEtcdNodes(config.cluster)
  // The plan names a machine that does not answer, and leaves the others that it needs for a majority as they are.
  if (hosts.length === 0 || !areKnown(hosts, survey)) return undefined
  const authority = await etcdAuthority(scene.project, { cluster: config.cluster.name, now: scene.now })
  const memberOf = (node: ClusterNode) => ({ name: node.name, address: addressOf(node, survey) })
  const states = await surveyHosts(
    hosts.map((node) => machines.of(node)),
    { signal },
  )
  return {
    authority,
    cluster: { id: authority.cluster, members: hosts.map(memberOf) },
    chosen: hosts.filter((node) => nodes.includes(node)).map((node) => ({ node, member: memberOf(node) })),
    states,
    isWhole: states.size === hosts.length,
    isNew: ![...states.values()].some(({ record }) => record?.isUp),
  }
}

/** The members as one tells that is up, where one of the hosts is none yet; undefined where nobody has to know. */
export async function etcdView(
  { cluster, states, isNew }: EtcdHosts,
  { machines, signal }: Pick<EtcdScene, 'machines' | 'signal'>,
): Promise<EtcdView | undefined> {
  const up = cluster.members.filter(({ name }) => states.get(name)?.record?.isUp)
  if (isNew || up.length === cluster.members.length) return undefined
  const [first] = up
  const access = { machine: machines.of(first!), endpoint: clientUrl(first!), files: hostFiles }
  try {
    return await readEtcd(access, { signal })
  } catch (error) {
    // Nobody can join then, and says why.
    if (!(error instanceof TaskError)) throw error
    return { members: [], hasQuorum: false }
  }
}
