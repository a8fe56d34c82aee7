import { expect, test } from 'vitest'
import { buildArguments } from '../../tasks/lib/sandbox/programs/build.ts'
import { officialSources, releaseOf } from '../../tasks/lib/sandbox/programs/releases.ts'
import { programNames } from '../../tasks/lib/sandbox/programs/versions.ts'

const on = (os: string, arch: string) => ({ os, arch, sources: officialSources })

test('programs come from the addresses of their projects, with a digest for each', () => {
  const table = programNames.map((name) => {
    const { url, digest } = releaseOf(name, on('linux', 'amd64'))!
    return `${url} ${digest.kind === 'known' ? digest.sha256.slice(0, 8) : digest.url}`
  })
  expect(table).toEqual([
    'https://github.com/etcd-io/etcd/releases/download/v3.6.14/etcd-v3.6.14-linux-amd64.tar.gz ffe840ff',
    'https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-apiserver https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-apiserver.sha256',
    'https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-controller-manager https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-controller-manager.sha256',
    'https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-scheduler https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-scheduler.sha256',
    'https://github.com/kubernetes-sigs/kwok/releases/download/v0.8.0/kwok-linux-amd64 https://api.github.com/repos/kubernetes-sigs/kwok/releases/tags/v0.8.0',
    'https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubectl ebbd080e',
  ])
})

test('every program has a release for both kinds of Linux machine and none for others', () => {
  for (const name of programNames) {
    expect(releaseOf(name, on('linux', 'arm64'))).toBeDefined()
    expect(releaseOf(name, on('darwin', 'arm64'))).toBeUndefined()
    expect(releaseOf(name, on('linux', 'riscv64'))).toBeUndefined()
  }
})

test('builds are stamped with the version that they are asked for', () => {
  expect(buildArguments('kube-apiserver')).toEqual({
    module: 'kubernetes',
    arguments: [
      '-ldflags',
      '-s -w -X k8s.io/component-base/version.gitVersion=v1.36.3 -X k8s.io/component-base/version.gitMajor=1 ' +
        '-X k8s.io/component-base/version.gitMinor=36 -X k8s.io/client-go/pkg/version.gitVersion=v1.36.3',
      'k8s.io/kubernetes/cmd/kube-apiserver',
    ],
  })
  expect(buildArguments('etcd').arguments).toEqual(['-ldflags', '-s -w', 'go.etcd.io/etcd/server/v3'])
  expect(buildArguments('kwok').arguments).toEqual([
    '-ldflags',
    '-s -w -X sigs.k8s.io/kwok/pkg/consts.Version=0.8.0',
    'sigs.k8s.io/kwok/cmd/kwok',
  ])
})
