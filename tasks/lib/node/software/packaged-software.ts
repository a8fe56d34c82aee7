import type { Finding } from '../../cli/errors.ts'
import { TaskError } from '../../cli/errors.ts'
import type { Cluster } from '../../config/model.ts'
import type { Resource } from '../resource.ts'
import { type Package, packages } from '../system/packages.ts'
import { type AptRepository, aptRepository, type System } from './apt-repository.ts'
import { membership } from './names.ts'
import { onOurMachines } from './on-our-machines.ts'
import { type ProgramsOptions, releasedPrograms } from './programs.ts'
import { type KubernetesProgram, kubernetesPrograms, type ProgramName } from './versions.ts'

/**
 * The programs of a node from apt repositories of their projects, pinned and held. Debian's containerd is too old, and
 * its etcd lacks etcdutl: the one is Docker's, the other comes from its release.
 */
export function packagedSoftware(
  names: readonly ProgramName[],
  { cluster, ...options }: ProgramsOptions & { cluster: Cluster },
): Resource[] {
  const { software, kubernetesVersion } = cluster
  const released = names.filter((name) => name === 'etcd')
  const repositories = names.includes('kubelet') ? [kubernetesRepository(kubernetesVersion), docker] : []
  const basics = packages(['ca-certificates', ...(names.includes('age') ? ['age'] : [])])
  const wanted = names.includes('kubelet') ? nodePackages(cluster) : []
  return [
    onOurMachines(basics),
    ...repositories.flatMap((one) => aptRepository(one, software)).map((one) => onOurMachines(one)),
    ...(wanted.length > 0 ? [onOurMachines(versionedPackages(wanted, cluster))] : []),
    ...(released.length > 0 ? [releasedPrograms(released, options)] : []),
  ]
}

function kubernetesRepository(version: string): AptRepository {
  const minor = version.split('.').slice(0, 2).join('.')
  const path = `pkgs.k8s.io/core:/stable:/v${minor}/deb/`
  const fingerprint = 'DE15B14486CD377B9E876E1A234654DA9A296436'
  return { name: 'kubernetes', path, suite: () => '/', key: { path: `${path}Release.key`, fingerprint } }
}

const docker: AptRepository = {
  name: 'docker',
  path: 'download.docker.com/linux/{ID}',
  suite: dockerSuite,
  key: {
    path: 'download.docker.com/linux/debian/gpg',
    fingerprint: '9DC858229FC7DD38854AE2D88D81803C0EBFCD88',
  },
}

function dockerSuite({ id, codename }: System): string {
  if (['debian', 'ubuntu'].includes(id) && codename) return `${codename} stable`
  throw new TaskError(`there are no packages of containerd 2 for ${id || 'a system without a name'}`, {
    hint: 'take the releases instead: software: { source: download }',
  })
}

/** Packages of Kubernetes in the version of the configuration, kept at it. */
export function pinnedPackages(
  names: readonly KubernetesProgram[],
  { kubernetesVersion }: Pick<Cluster, 'kubernetesVersion'>,
): Package[] {
  return names.map((name) => ({ name, version: `${kubernetesVersion}-*`, hold: true }))
}

function nodePackages(cluster: Cluster): Package[] {
  const { containerd } = cluster.software.versions
  return [
    { name: 'containerd.io', hold: true, ...(containerd && { version: `${containerd}-*` }) },
    ...pinnedPackages(kubernetesPrograms, cluster),
    { name: 'cri-tools' },
    { name: 'kubernetes-cni' },
  ]
}

/** The packages; those of Kubernetes stay as they are on a member of a cluster that runs another version. */
function versionedPackages(wanted: Package[], { kubernetesVersion }: Cluster): Resource {
  const all = packages(wanted)
  const others = packages(wanted.filter(({ name }) => !isOfKubernetes(name)))
  const installed = "dpkg-query -W -f '${Version}' kubelet 2>/dev/null"
  return {
    ...all,
    target: 'packages of Kubernetes',
    probe: `if test -e ${membership} && version=$(${installed}); then echo "member $version"; else echo free; fi\n${all.probe}`,
    plan: (answer) => {
      const end = answer.stdout.indexOf('\n')
      const [, version] = answer.stdout.slice(0, end).split(' ')
      const rest = { ...answer, stdout: answer.stdout.slice(end + 1) }
      if (!version || version.startsWith(`${kubernetesVersion}-`)) return all.plan(rest)
      return { ...others.plan(rest), findings: [keptNote(version, kubernetesVersion)] }
    },
  }
}

function isOfKubernetes(name: string): boolean {
  return (kubernetesPrograms as readonly string[]).includes(name)
}

function keptNote(present: string, wanted: string): Finding {
  return {
    severity: 'note',
    message: `kubelet ${present} stays as it is: a member of the cluster goes to ${wanted} by an upgrade`,
    hint: `tasks cluster:upgrade ${wanted}`,
  }
}
