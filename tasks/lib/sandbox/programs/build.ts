import { chmod, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Progress } from '../../cli/change.ts'
import { TaskError } from '../../cli/errors.ts'
import { run } from '../../cli/process/shell.ts'
import { packageRoot } from '../../cli/root.ts'
import { environment } from '../../config/environment.ts'
import { type ProgramName, versions } from './versions.ts'

/** What a first build of everything takes, measured on two cores; later ones find most of it in Go's build cache. */
const firstBuild = { minutes: 6, gigabytes: 5 }

/** The Go toolchain that would build: its version and its cache; undefined when there is none. */
export interface Toolchain {
  version: string
  cache: string
}

/** Looks for `go`. */
export async function findGo(signal: AbortSignal): Promise<Toolchain | undefined> {
  const found = await run(['go', 'env', 'GOVERSION', 'GOCACHE'], {
    ...goOptions(),
    signal,
    allowFailure: true,
  }).catch((error: unknown) => {
    signal.throwIfAborted()
    if (error instanceof TaskError) return undefined
    throw error
  })
  const [version, cache] = found?.stdout.split('\n') ?? []
  return found?.exitCode === 0 && version && cache ? { version, cache } : undefined
}

/** Says what a build will take, and refuses one that would fill the disk. */
export async function announceBuild(
  names: ProgramName[],
  options: Progress & { go: Toolchain },
): Promise<void> {
  const { go, say } = options
  const { minutes, gigabytes } = firstBuild
  say(
    `building ${names.join(', ')} with ${go.version}: up to ${minutes} minutes and ${gigabytes} GB of disk the first time`,
  )
  const disk = await statfs(go.cache).catch(() => undefined) // not made yet: go says so itself if it cannot
  const free = disk ? (disk.bavail * disk.bsize) / 1e9 : Number.POSITIVE_INFINITY
  // A cache that is filled already needs next to nothing; two gigabytes are what the compiler works in.
  if (free < 2) {
    throw new TaskError(`a build needs up to ${gigabytes} GB, ${go.cache} has ${free.toFixed(1)} GB left`, {
      hint: 'make room, or let Go use another disk: GOCACHE=FOLDER tasks sandbox:up',
    })
  }
}

/** Builds a program from the go.mod in this package into a folder, and gives its path. */
export async function buildProgram(
  name: ProgramName,
  options: Progress & { folder: string; go: Toolchain },
): Promise<string> {
  const program = join(options.folder, name)
  const { module, arguments: flags } = buildArguments(name)
  const started = Date.now()
  const tell = () =>
    options.say(
      `building ${name} with ${options.go.version} (${Math.round((Date.now() - started) / 1000)} s)`,
    )
  tell()
  const timer = setInterval(tell, 1000)
  try {
    await run(['go', 'build', '-trimpath', '-o', program, ...flags], {
      ...goOptions(),
      cwd: join(packageRoot(), 'tasks/lib/sandbox/go', module),
      signal: options.signal,
      timeoutSeconds: 3600,
    })
  } finally {
    clearInterval(timer)
  }
  await chmod(program, 0o755)
  return program
}

/** The go.mod folder that builds a program, and what `go build` is told beside -o. */
export function buildArguments(name: ProgramName): { module: string; arguments: string[] } {
  if (name === 'etcd') {
    return { module: 'etcd', arguments: ['-ldflags', '-s -w', 'go.etcd.io/etcd/server/v3'] }
  }
  if (name === 'kwok') {
    const stamp = `-X sigs.k8s.io/kwok/pkg/consts.Version=${versions.kwok}`
    return { module: 'kwok', arguments: ['-ldflags', `-s -w ${stamp}`, 'sigs.k8s.io/kwok/cmd/kwok'] }
  }
  const [major, minor] = versions.kubernetes.split('.')
  const stamps = [
    `k8s.io/component-base/version.gitVersion=v${versions.kubernetes}`,
    `k8s.io/component-base/version.gitMajor=${major}`,
    `k8s.io/component-base/version.gitMinor=${minor}`,
    `k8s.io/client-go/pkg/version.gitVersion=v${versions.kubernetes}`,
  ].map((stamp) => `-X ${stamp}`)
  const flags = ['-ldflags', ['-s', '-w', ...stamps].join(' ')]
  return { module: 'kubernetes', arguments: [...flags, `k8s.io/kubernetes/cmd/${name}`] }
}

/** How `go` runs: its own settings and the way through a proxy are the operator's; a workspace around us is not ours. */
export function goOptions(): { env: Record<string, string | undefined> } {
  const passed = Object.entries(environment()).filter(([name]) =>
    /^(GO[A-Z]+|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY|SSL_CERT_(FILE|DIR))$/.test(name),
  )
  const target = { GOOS: undefined, GOARCH: undefined, GOWORK: 'off', CGO_ENABLED: '0' }
  return { env: { ...Object.fromEntries(passed), ...target } }
}
