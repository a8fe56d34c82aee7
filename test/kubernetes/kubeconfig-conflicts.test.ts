import { expect, test } from 'vitest'
import { readKubeconfigFiles } from '../../tasks/lib/api/kubeconfig/kubeconfig-files.ts'
import { isElsewhere, isSameCluster } from '../../tasks/lib/kubernetes/kubeconfig/kubeconfig-cluster.ts'
import { findConflicts } from '../../tasks/lib/kubernetes/kubeconfig/kubeconfig-conflicts.ts'
import { entryNames } from '../../tasks/lib/kubernetes/kubeconfig/kubeconfig-names.ts'
import { temporaryFolder } from '../support/cli.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const authority = (text: string) => ({ 'certificate-authority-data': base64(text) })
const cluster = { server: 'https://10.0.0.1:6443', ...authority('-----BEGIN A') }

test.each([
  ['the same', cluster, false, true],
  ['with a blank line after the certificate', { ...cluster, ...authority('-----BEGIN A\n\n') }, false, true],
  ['moved to another address', { ...cluster, server: 'https://10.0.0.2:6443' }, false, false],
  ['made anew at the same address', { ...cluster, ...authority('-----BEGIN B') }, false, false],
  ['another one', { server: 'https://10.0.0.2:6443', ...authority('-----BEGIN B') }, true, false],
  ['another one that public authorities vouch for', { server: 'https://other:6443' }, true, false],
])('a cluster that is %s is told from ours', (_, other, elsewhere, same) => {
  expect(isElsewhere(other, cluster)).toBe(elsewhere)
  expect(isSameCluster(other, cluster)).toBe(same)
})

function conflicts(config: object, prefix?: string): string[] {
  const file = `${temporaryFolder({ config: JSON.stringify(config) })}/config`
  const names = entryNames({ cluster: 'home', namespace: 'worker', prefix })
  return findConflicts(readKubeconfigFiles(file), { names, cluster }).map(({ message }) =>
    message.replace(file, 'FILE'),
  )
}

const other = { server: 'https://other:6443' }
const otherSudo = {
  clusters: [{ name: 'work', cluster: other }],
  contexts: [{ name: 'sudo', context: { cluster: 'work', user: 'admin' } }],
}

test('a context sudo of another cluster is a conflict, and a prefix avoids it', () => {
  expect(conflicts(otherSudo)).toEqual([
    'context "sudo" in FILE belongs to another cluster, https://other:6443',
  ])
  expect(conflicts(otherSudo, 'home')).toEqual([])
})

test('names of clusters and users that another cluster has taken are conflicts too, all told at once', () => {
  const config = {
    clusters: [{ name: 'home', cluster: other }],
    contexts: [
      { name: 'x', context: { cluster: 'home', user: 'home-worker' } },
      { name: 'worker', context: { cluster: 'home', user: 'y' } },
    ],
  }
  expect(conflicts(config)).toEqual([
    'cluster "home" in FILE belongs to another cluster, https://other:6443',
    'user "home-worker" in FILE belongs to another cluster, https://other:6443',
    'context "worker" in FILE belongs to another cluster, https://other:6443',
  ])
})

test('contexts of our own cluster, of an older authority or address, are no conflict', () => {
  const present = { server: cluster.server, ...authority('-----BEGIN OLD') }
  const config = {
    clusters: [{ name: 'kubernetes', cluster: present }],
    contexts: [{ name: 'sudo', context: { cluster: 'kubernetes', user: 'kubernetes-admin' } }],
  }
  expect(conflicts(config)).toEqual([])
})
