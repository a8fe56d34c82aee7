import type { ProgramName } from './versions.ts'
import { versions } from './versions.ts'

/** Where the projects publish. Tests put a server of their own here. */
export interface Sources {
  kubernetes: string
  github: string
  githubApi: string
}

export const officialSources: Sources = {
  kubernetes: 'https://dl.k8s.io',
  github: 'https://github.com',
  githubApi: 'https://api.github.com',
}

/** A file that a project publishes for one platform, and how its SHA-256 is known. */
export interface Release {
  url: string
  digest:
    | { kind: 'known'; sha256: string }
    /** A file of the publisher that holds the digest in hex. */
    | { kind: 'file'; url: string }
    /** The release in GitHub's API, which lists each file's digest. */
    | { kind: 'github'; url: string; asset: string }
  /** The program's path inside a .tar.gz. */
  member?: string
}

/** Digests that the projects published for the versions of versions.ts. */
const known: Record<string, string> = {
  'kubectl-1.36.3-linux-amd64': 'ebbd080e7c2e275093b55915722043257eb24004363e20acb3c4d71919f88336',
  'kubectl-1.36.3-linux-arm64': '3d86f24401c41ae5a46ac50eef8865fe891d3647d324a0836f6c63757a126e62',
  'etcd-3.6.14-linux-amd64': 'ffe840ff9295808e88cce2794a18a5ac87f12a5203c8314d0bf6aa119b41bac5',
  'etcd-3.6.14-linux-arm64': 'fa1b80565ee6fc2df1ae6f57a508b221f3ecc7d591c317c581cd8281b0842b3e',
}

/** The official download of a program; undefined for a platform that its project publishes nothing for. */
export function releaseOf(
  name: ProgramName,
  options: { os: string; arch: string; sources: Sources },
): Release | undefined {
  const isPublished = options.os === 'linux' && ['amd64', 'arm64'].includes(options.arch)
  if (!isPublished) return undefined
  if (name === 'etcd') return etcdRelease(options)
  return name === 'kwok' ? kwokRelease(options) : kubernetesRelease(name, options)
}

type Platform = { os: string; arch: string; sources: Sources }

function kubernetesRelease(name: ProgramName, { os, arch, sources }: Platform): Release {
  const url = `${sources.kubernetes}/release/v${versions.kubernetes}/bin/${os}/${arch}/${name}`
  const sha256 = known[`${name}-${versions.kubernetes}-${os}-${arch}`]
  return { url, digest: sha256 ? { kind: 'known', sha256 } : { kind: 'file', url: `${url}.sha256` } }
}

function etcdRelease({ os, arch, sources }: Platform): Release {
  const version = versions.etcd
  const folder = `etcd-v${version}-${os}-${arch}`
  const sha256 = known[`etcd-${version}-${os}-${arch}`]!
  return {
    url: `${sources.github}/etcd-io/etcd/releases/download/v${version}/${folder}.tar.gz`,
    digest: { kind: 'known', sha256 },
    member: `${folder}/etcd`,
  }
}

function kwokRelease({ os, arch, sources }: Platform): Release {
  const tag = `v${versions.kwok}`
  const asset = `kwok-${os}-${arch}`
  return {
    url: `${sources.github}/kubernetes-sigs/kwok/releases/download/${tag}/${asset}`,
    digest: {
      kind: 'github',
      url: `${sources.githubApi}/repos/kubernetes-sigs/kwok/releases/tags/${tag}`,
      asset,
    },
  }
}
