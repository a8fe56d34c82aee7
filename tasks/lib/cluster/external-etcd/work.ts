import type { ClusterNode } from '../../config/model.ts'
import { controlPlaneNodes } from '../../kubernetes/kubeadm/topology.ts'
import { issuedCertificate } from '../../node/etcd/certificate.ts'
import { hostMember } from '../../node/etcd/host-member.ts'
import { etcdPki, type HostMember } from '../../node/etcd/member.ts'
import { etcdEnvironment, etcdEnvironmentFile, etcdUnit, etcdUnitFile } from '../../node/etcd/member-files.ts'
import { startedMember } from '../../node/etcd/started.ts'
import { externalEtcdFolder } from '../../node/kubeadm/paths.ts'
import type { NodeStep } from '../../node/plan/plan-nodes.ts'
import type { Resource } from '../../node/resource.ts'
import { file } from '../../node/system/file.ts'
import { group, user } from '../../node/system/users.ts'
import type { EtcdAuthority } from './authority.ts'
import { type EtcdHosts, type EtcdScene, etcdHosts, etcdView } from './hosts.ts'

/** Certificates, settings and the unit on each host, and certificates for the control planes; starts what can start. */
export async function externalEtcdWork(scene: EtcdScene): Promise<NodeStep['work']> {
  const hosts = await etcdHosts(scene)
  if (!hosts) return []
  const { authority, chosen } = hosts
  const clients = controlPlaneNodes(scene).map((node) => ({
    machine: scene.machines.of(node),
    resources: [clientCertificate({ authority, now: scene.now })],
  }))
  const members = chosen.map(({ node, member }) => ({
    machine: scene.machines.of(node),
    resources: hostResources(member, { node, hosts, now: scene.now }),
  }))
  return [...members, ...clients]
}

/** Members that take part with the settings they are to have, one host after the other. */
export async function etcdMembersWork(scene: EtcdScene): Promise<NodeStep['work']> {
  const hosts = await etcdHosts(scene)
  if (!hosts?.isWhole) return []
  const view = await etcdView(hosts, scene)
  return hosts.chosen.map(({ node, member }) => ({
    machine: scene.machines.of(node),
    resources: [
      hostMember(member, { cluster: hosts.cluster, files: filesOf(member), ...(view && { view }) }),
    ],
  }))
}

function hostResources(
  member: HostMember,
  { node, hosts, now }: { node: ClusterNode; hosts: EtcdHosts; now: Date },
): Resource[] {
  const { authority, cluster, isNew, isWhole } = hosts
  const source = node.place
  const place = { folder: etcdPki, owner: 'etcd:etcd' }
  const commonName = member.name
  const peer = { ...place, name: 'peer', commonName, names: [member.name], addresses: [member.address] }
  const server = {
    ...peer,
    name: 'server',
    names: [...peer.names, 'localhost'],
    addresses: [...peer.addresses, '127.0.0.1'],
  }
  return [
    group({ name: 'etcd', system: true, source }),
    user({
      name: 'etcd',
      system: true,
      home: '/nonexistent',
      groups: ['etcd'],
      shell: '/usr/sbin/nologin',
      source,
    }),
    certificate(server, { authority, now }),
    certificate(peer, { authority, now }),
    ...filesOf(member).map((one) => file({ ...one, source })),
    ...(isWhole ? [startedMember(member, { cluster, isNew })] : []),
  ]
}

function filesOf(member: HostMember): { path: string; content: string }[] {
  return [
    { path: etcdEnvironmentFile, content: etcdEnvironment(member) },
    { path: etcdUnitFile, content: etcdUnit },
  ]
}

interface Signing {
  authority: EtcdAuthority
  now: Date
}

// What kubeadm and the API server log in to etcd with.
function clientCertificate(signing: Signing): Resource {
  const place = { folder: externalEtcdFolder, name: 'client', owner: 'root:root' }
  return certificate(
    { ...place, commonName: 'kube-apiserver-etcd-client', names: [], addresses: [] },
    signing,
  )
}

interface Wanted {
  folder: string
  name: string
  owner: string
  commonName: string
  names: string[]
  addresses: string[]
}

function certificate(
  { commonName, names, addresses, ...place }: Wanted,
  { authority, now }: Signing,
): Resource {
  return issuedCertificate({
    ...place,
    hosts: [...names, ...addresses],
    keptIn: authority.shown,
    now,
    authority: authority.certificate,
    ...(authority.refusal && { refusal: authority.refusal }),
    issue: () => authority.issue({ commonName, names, addresses }),
  })
}
