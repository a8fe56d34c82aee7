import { readFileSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { goOptions } from '../../tasks/lib/sandbox/programs/build.ts'
import { cacheDirectory, isExecutable } from '../../tasks/lib/sandbox/programs/cache.ts'

/** What a Go module gives: go/NAME/go.mod beside this file says in which version. */
interface Source {
  path: string
  /** Variables of the program that say its version, where it does not know it by itself. */
  stamps?: string[]
  tags?: string[]
  /** Built with C, and then without libraries: libseccomp-dev has to be there. */
  c?: boolean
}

const sources = {
  kubernetes: {
    path: 'k8s.io/kubernetes',
    stamps: ['k8s.io/component-base/version.gitVersion', 'k8s.io/client-go/pkg/version.gitVersion'],
  },
  etcd: { path: 'go.etcd.io/etcd/server/v3' },
  containerd: {
    path: 'github.com/containerd/containerd/v2',
    stamps: ['github.com/containerd/containerd/v2/version.Version'],
    tags: ['netgo', 'osusergo', 'no_btrfs'],
  },
  runc: { path: 'github.com/opencontainers/runc', tags: ['seccomp', 'netgo', 'osusergo'], c: true },
  cni: {
    path: 'github.com/containernetworking/plugins',
    stamps: ['github.com/containernetworking/plugins/pkg/utils/buildversion.BuildVersion'],
  },
  crictl: { path: 'sigs.k8s.io/cri-tools', stamps: ['sigs.k8s.io/cri-tools/pkg/version.Version'] },
  age: { path: 'filippo.io/age', stamps: ['main.Version'] },
  coredns: { path: 'github.com/coredns/coredns' },
  // One of its networks is written in C.
  flannel: { path: 'github.com/flannel-io/flannel', tags: ['netgo', 'osusergo'], c: true },
  // No program of a node: it looks at one.
  'kube-bench': { path: 'github.com/aquasecurity/kube-bench' },
} satisfies Record<string, Source>
export type SourceName = keyof typeof sources
export const sourceNames = Object.keys(sources)

/** The version of a source that is built, without "v". */
export function versionOf(name: SourceName): string {
  const text = readFileSync(join(moduleFolder(name), 'go.mod'), 'utf8')
  return text.match(new RegExp(`${sources[name].path} v([^\\s/]+)`))![1]!
}

interface Wanted {
  goPackage: string
  /** Another than the module's own: its folder's name ends with it. */
  version?: string
  /** Its name, where the package has another. */
  program?: string
}

/** A program of a node: built from its Go module where the cache of the tests does not have it. Gives its path. */
export async function nodeProgram(
  source: SourceName,
  { goPackage, version = versionOf(source), program = basename(goPackage) }: Wanted,
): Promise<string> {
  const file = join(programCache(), `${program}-${version}-linux-amd64`)
  if (await isExecutable(file)) return file
  const folder = version === versionOf(source) ? moduleFolder(source) : `${moduleFolder(source)}-${version}`
  const half = `${file}.${process.pid}`
  await mkdir(dirname(file), { recursive: true })
  const { tags = [], c, ...rest }: Source = sources[source]
  const flags = ['-trimpath', '-tags', tags.join(','), '-ldflags', linkFlags({ c, ...rest }, version)]
  await goBuild(['-o', half, ...flags, goPackage], { folder, c })
  await rename(half, file)
  return file
}

/** `go build` in a module's folder. */
export async function goBuild(args: string[], { folder, c }: { folder: string; c?: boolean }): Promise<void> {
  const { env } = goOptions()
  process.stderr.write(`lab: building ${args.at(-1)}\n`)
  await run(['go', 'build', ...args], {
    ...{ env: { ...env, CGO_ENABLED: c ? '1' : '0' }, cwd: folder, timeoutSeconds: 3600 },
  })
}

function linkFlags({ stamps = [], c }: Source, version: string): string {
  const [major, minor] = version.split('.')
  const numbers = stamps
    .filter((stamp) => stamp.endsWith('.gitVersion'))
    .flatMap((stamp) => [
      `${stamp.replace('gitVersion', 'gitMajor')}=${major}`,
      `${stamp.replace('gitVersion', 'gitMinor')}=${minor}`,
    ])
  const values = [...stamps.map((stamp) => `${stamp}=v${version}`), ...numbers]
  return ['-s -w', ...(c ? ['-extldflags -static'] : []), ...values.map((value) => `-X ${value}`)].join(' ')
}

function moduleFolder(name: string): string {
  return join(packageRoot(), 'test/support/go', name)
}

function programCache(): string {
  return join(dirname(cacheDirectory()), 'test-programs')
}
