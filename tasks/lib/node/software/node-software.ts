import type { Cluster, ClusterNode } from '../../config/model.ts'
import type { Resource } from '../resource.ts'
import { directories } from '../system/directories.ts'
import { packages } from '../system/packages.ts'
import { containerd } from './containerd.ts'
import { kubelet } from './kubelet.ts'
import { recordFolder } from './names.ts'
import { onOurMachines } from './on-our-machines.ts'
import { packagedSoftware, pinnedPackages } from './packaged-software.ts'
import { releasedPrograms } from './programs.ts'
import type { ReleaseSource } from './release-source.ts'
import { runningProgram } from './running-program.ts'
import { type KubernetesProgram, type ProgramName, pauseImage, programVersions } from './versions.ts'

/** All programs of a node with their settings and units: containers run, and the kubelet waits for kubeadm. */
export function softwareResources(
  node: ClusterNode,
  { cluster, releases }: { cluster: Cluster; releases: ReleaseSource },
): Resource[] {
  const { source } = cluster.software
  if (source === 'none') return []
  const names = programsOf(node, cluster)
  const options = { versions: programVersions(cluster), releases, source: node.place }
  const brought =
    source === 'packages'
      ? packagedSoftware(names, { cluster, ...options })
      : [releasedPrograms(names, options)]
  const settings = names.includes('containerd') ? serviceResources(cluster, source) : []
  const record = directories({ paths: [recordFolder], mode: '0700', source: node.place })
  return [onOurMachines(record), ...brought, ...settings.map((resource) => onOurMachines(resource))]
}

/** Programs of Kubernetes in the version of the configuration, on a member of the cluster too: one step of an upgrade. */
export function upgradedPrograms(
  names: readonly KubernetesProgram[],
  { cluster, releases }: { cluster: Cluster; releases: ReleaseSource },
): Resource {
  if (cluster.software.source === 'packages') return packages(pinnedPackages(names, cluster))
  return releasedPrograms(names, { versions: programVersions(cluster), releases, upgrades: true })
}

/** What a node runs by its roles. */
export function programsOf({ roles }: ClusterNode, { backup }: Pick<Cluster, 'backup'>): ProgramName[] {
  const isMember = roles.includes('control-plane') || roles.includes('worker')
  const holdsData = roles.includes('control-plane') || roles.includes('etcd')
  return [
    ...(isMember ? members : []),
    ...(holdsData ? (['etcd'] as const) : []),
    ...(holdsData && backup.to.length + backup.recipients.length > 0 ? (['age'] as const) : []),
  ]
}

const members = ['containerd', 'runc', 'cni-plugins', 'crictl', 'kubeadm', 'kubelet', 'kubectl'] as const

function serviceResources(cluster: Cluster, from: 'download' | 'packages'): Resource[] {
  const folder = from === 'download' ? '/usr/local/bin' : '/usr/bin'
  return [
    ...containerd({ pauseImage: pauseImage(cluster), from }),
    ...kubelet({ from }),
    runningProgram('containerd.service', `${folder}/containerd`),
    runningProgram('kubelet.service', `${folder}/kubelet`),
  ]
}
