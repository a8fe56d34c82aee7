import { cp, link, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import { nodeProgram, versionOf } from './node-software-programs.ts'

/** Plugins of the official archive that clusters of one bridge for each machine, and flannel, use. */
const plugins = [
  ...['main/bridge', 'main/host-device', 'main/loopback', 'main/ptp', 'ipam/host-local'],
  ...['meta/bandwidth', 'meta/firewall', 'meta/portmap', 'meta/tuning'],
]

const kubernetesPrograms = ['kubeadm', 'kubelet', 'kubectl']

/** Lays the programs of a node out as the projects publish them: URL without its scheme, below a folder. */
export async function layOutReleases(
  folder: string,
  { kubernetes }: { kubernetes: string[] },
): Promise<void> {
  for (const version of kubernetes) await kubernetesRelease(folder, version)
  await kubernetesArchive(folder)
  await otherReleases(folder)
}

async function kubernetesRelease(folder: string, version: string): Promise<void> {
  for (const name of kubernetesPrograms) {
    const program = await kubernetesProgram(name, version)
    await place(program, join(folder, `dl.k8s.io/release/v${version}/bin/linux/amd64/${name}`))
  }
}

/** kubelet, kube-apiserver and the like. */
export function kubernetesProgram(name: string, version: string): Promise<string> {
  return nodeProgram('kubernetes', { goPackage: `k8s.io/kubernetes/cmd/${name}`, version })
}

async function kubernetesArchive(folder: string): Promise<void> {
  const crictl = versionOf('crictl')
  await archive(
    join(
      folder,
      `github.com/kubernetes-sigs/cri-tools/releases/download/v${crictl}/crictl-v${crictl}-linux-amd64.tar.gz`,
    ),
    { crictl: await nodeProgram('crictl', { goPackage: 'sigs.k8s.io/cri-tools/cmd/crictl' }) },
  )
}

async function otherReleases(folder: string): Promise<void> {
  const [containerd, runc, cni] = (['containerd', 'runc', 'cni'] as const).map(versionOf)
  const github = join(folder, 'github.com')
  await archive(
    `${github}/containerd/containerd/releases/download/v${containerd}/containerd-${containerd}-linux-amd64.tar.gz`,
    await containerdPrograms(),
  )
  const runcProgram = await nodeProgram('runc', { goPackage: 'github.com/opencontainers/runc' })
  await place(runcProgram, `${github}/opencontainers/runc/releases/download/v${runc}/runc.amd64`)
  await archive(
    `${github}/containernetworking/plugins/releases/download/v${cni}/cni-plugins-linux-amd64-v${cni}.tgz`,
    await cniPlugins(),
  )
  await archive(
    `${github}/etcd-io/etcd/releases/download/v${versionOf('etcd')}/${etcdName}.tar.gz`,
    below(etcdName, await etcdPrograms()),
  )
  await archive(
    `${github}/FiloSottile/age/releases/download/v${versionOf('age')}/age-v${versionOf('age')}-linux-amd64.tar.gz`,
    below('age', await agePrograms()),
  )
}

const etcdName = `etcd-v${versionOf('etcd')}-linux-amd64`

function below(folder: string, programs: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(programs).map(([name, file]) => [`${folder}/${name}`, file]))
}

async function agePrograms(): Promise<Record<string, string>> {
  return {
    age: await nodeProgram('age', { goPackage: 'filippo.io/age/cmd/age' }),
    'age-keygen': await nodeProgram('age', { goPackage: 'filippo.io/age/cmd/age-keygen' }),
  }
}

async function containerdPrograms(): Promise<Record<string, string>> {
  const programs: Record<string, string> = {}
  for (const name of ['containerd', 'containerd-shim-runc-v2', 'ctr']) {
    const goPackage = `github.com/containerd/containerd/v2/cmd/${name}`
    programs[`bin/${name}`] = await nodeProgram('containerd', { goPackage })
  }
  return programs
}

async function cniPlugins(): Promise<Record<string, string>> {
  const programs: Record<string, string> = {}
  for (const path of plugins) {
    const goPackage = `github.com/containernetworking/plugins/plugins/${path}`
    programs[path.split('/')[1]!] = await nodeProgram('cni', { goPackage })
  }
  return programs
}

/** etcd with the two that look after it. */
export async function etcdPrograms(): Promise<{ etcd: string; etcdctl: string; etcdutl: string }> {
  return {
    etcd: await nodeProgram('etcd', { goPackage: 'go.etcd.io/etcd/server/v3', program: 'etcd' }),
    etcdctl: await nodeProgram('etcd', { goPackage: 'go.etcd.io/etcd/etcdctl/v3', program: 'etcdctl' }),
    etcdutl: await nodeProgram('etcd', { goPackage: 'go.etcd.io/etcd/etcdutl/v3', program: 'etcdutl' }),
  }
}

async function place(program: string, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await link(program, file)
}

/** Packs programs under the names that they have inside. */
async function archive(file: string, programs: Record<string, string>): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const work = await mkdtemp(`${file}.`)
  try {
    for (const [name, program] of Object.entries(programs)) {
      await mkdir(dirname(join(work, name)), { recursive: true })
      await cp(program, join(work, name))
    }
    const gzip = 'gzip -n -1'
    await run([
      'tar',
      '--sort=name',
      '--mtime=@0',
      '--owner=0',
      '--group=0',
      '-I',
      gzip,
      '-C',
      work,
      '-cf',
      file,
      '.',
    ])
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
