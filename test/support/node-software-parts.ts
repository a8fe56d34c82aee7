import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { type Image, writeImage } from './node-software-images.ts'
import { goBuild, nodeProgram, versionOf } from './node-software-programs.ts'
import { etcdPrograms, kubernetesProgram } from './node-software-releases.ts'

/** A shell, a web server and sleep: what tests run as pods. */
export const testImage = 'lab.local/busybox:1'

/** Debian packages whose files are images: what kube-proxy and flannel call, and the test image. */
const packages = {
  'kube-proxy': [
    ...['iptables', 'libxtables12', 'libip4tc2', 'libip6tc2', 'libmnl0', 'libnfnetlink0', 'libnftnl11'],
    ...['conntrack', 'libnetfilter-conntrack3', 'libc6'],
  ],
  busybox: ['busybox-static'],
}

/** Writes the images that kubeadm asks for and the test image, one tar for each, into a folder. */
export async function writeImages(
  folder: string,
  { kubernetes, work }: { kubernetes: string[]; work: string },
): Promise<void> {
  await mkdir(folder, { recursive: true })
  const write = (file: string, image: Image) => writeImage(image, join(folder, `${file}.tar`))
  for (const version of kubernetes) {
    for (const name of ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'])
      await write(`${name}-v${version}`, await kubernetesImage(name, { version, work }))
  }
  for (const [file, image] of Object.entries(await otherImages(work))) await write(file, image)
}

async function kubernetesImage(
  name: string,
  { version, work }: { version: string; work: string },
): Promise<Image> {
  const program = { [`/usr/local/bin/${name}`]: await kubernetesProgram(name, version) }
  const image = { names: [`registry.k8s.io/${name}:v${version}`], files: program }
  if (name !== 'kube-proxy') return image
  return { ...image, root: await unpacked('kube-proxy', work), links: iptablesLinks }
}

// The kernel of lab machines has no nftables for IP.
const iptablesLinks = Object.fromEntries(
  ['iptables', 'ip6tables']
    .flatMap((tool) => [tool, `${tool}-save`, `${tool}-restore`])
    .map((tool) => [`/usr/sbin/${tool}`, 'xtables-legacy-multi']),
)

async function otherImages(work: string): Promise<Record<string, Image>> {
  return { ...(await partsOfKubeadm(work)), ...(await flannelImages(work)), busybox: await busybox(work) }
}

async function partsOfKubeadm(work: string): Promise<Record<string, Image>> {
  const { etcd, etcdctl, etcdutl } = await etcdPrograms()
  const coredns = await nodeProgram('coredns', { goPackage: 'github.com/coredns/coredns' })
  return {
    [`etcd-${versionOf('etcd')}-0`]: {
      names: [`registry.k8s.io/etcd:${versionOf('etcd')}-0`],
      files: {
        '/usr/local/bin/etcd': etcd,
        '/usr/local/bin/etcdctl': etcdctl,
        '/usr/local/bin/etcdutl': etcdutl,
      },
    },
    [`coredns-v${versionOf('coredns')}`]: {
      names: [`registry.k8s.io/coredns/coredns:v${versionOf('coredns')}`],
      files: { '/coredns': coredns },
      entrypoint: ['/coredns'],
    },
    'pause-3.10.2': {
      names: ['registry.k8s.io/pause:3.10.2'],
      files: { '/pause': await ownProgram('pause', work) },
      entrypoint: ['/pause'],
    },
  }
}

/** flannel as its manifest wants it; its CNI plugin is a stand-in: go/flannel-cni. */
async function flannelImages(work: string): Promise<Record<string, Image>> {
  const path = 'github.com/flannel-io/flannel'
  const version = versionOf('flannel')
  return {
    [`flannel-v${version}`]: {
      names: [`ghcr.io/flannel-io/flannel:v${version}`],
      root: await unpacked('kube-proxy', work),
      links: iptablesLinks,
      files: {
        '/opt/bin/flanneld': await nodeProgram('flannel', { goPackage: path, program: 'flanneld' }),
        '/opt/bin/install-conf': await nodeProgram('flannel', { goPackage: `${path}/cmd/install_conf` }),
      },
    },
    'flannel-cni-plugin': {
      ...(await busybox(work)),
      names: ['ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel3'],
      files: {
        '/bin/busybox': join(await unpacked('busybox', work), 'bin/busybox'),
        '/flannel': await ownProgram('flannel-cni', work),
      },
    },
  }
}

async function busybox(work: string): Promise<Image> {
  const applets = ['sh', 'cat', 'cp', 'echo', 'httpd', 'ls', 'mkdir', 'nslookup', 'sleep', 'sync', 'wget']
  return {
    names: [testImage],
    files: { '/bin/busybox': join(await unpacked('busybox', work), 'bin/busybox') },
    links: Object.fromEntries(applets.map((applet) => [`/bin/${applet}`, 'busybox'])),
  }
}

/** Small programs of our own, as go/NAME. */
export const ownPrograms = ['pause', 'flannel-cni'] as const

async function ownProgram(name: (typeof ownPrograms)[number], work: string): Promise<string> {
  const file = join(work, `${name}-program`)
  const folder = join(packageRoot(), 'test/support/go', name)
  await goBuild(['-o', file, '-trimpath', '-ldflags', '-s -w', '.'], { folder })
  return file
}

/** Files of Debian packages, as a tree; neither documentation nor character sets. */
async function unpacked(name: keyof typeof packages, work: string): Promise<string> {
  const [debs, root] = [join(work, `${name}-debs`), join(work, name)]
  if (existsSync(root)) return root
  await mkdir(debs, { recursive: true })
  await run(['apt-get', 'download', '-q', '-o', 'APT::Sandbox::User=root', ...packages[name]], { cwd: debs })
  await run(['sh', '-c', 'for deb in "$0"/*.deb; do dpkg-deb -x "$deb" "$1" || exit 1; done', debs, root])
  for (const left of ['usr/share', 'usr/lib/x86_64-linux-gnu/gconv', 'lib/x86_64-linux-gnu/gconv'])
    await rm(join(root, left), { recursive: true, force: true })
  return root
}
