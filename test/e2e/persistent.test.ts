import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { type Ran, run, runTasks } from '../support/cli.ts'

const kubectl = inject('kubectl')
const root = mkdtempSync(join(tmpdir(), 'persistent-'))
const env = { XDG_STATE_HOME: join(root, 'state'), K8S_NODES: undefined, NODE: undefined }
const tasks = (...args: string[]): Promise<Ran> => runTasks(args, { cwd: root, env })
const settings = (small: number) =>
  writeFileSync(join(root, '.env'), `POOL_NUM_SMALL=${small}\nPOOL_NUM_MEDIUM=0\nNAMED_VOLUMES=share\n`)
let kubeconfig: string

async function volume(name: string) {
  const { stdout } = await run(kubectl, ['--kubeconfig', kubeconfig, 'get', 'pv', name, '-o', 'json'])
  return JSON.parse(stdout)
}

// As a toolkit of old made it: an id of its own, another access mode, owned by kubectl.
const old = `apiVersion: v1
kind: PersistentVolume
metadata:
  name: kube1-pv-500mi-0001
  labels: { volume.group: pool-s, volume.id: f00dcafe }
spec:
  capacity: { storage: 500Mi }
  accessModes: [ReadWriteMany]
  persistentVolumeReclaimPolicy: Retain
  storageClassName: local-storage
  local: { path: /var/lib/docker/k8s-volumes/pool-s/pv-500Mi-0001 }
  nodeAffinity:
    required:
      nodeSelectorTerms:
        - matchExpressions: [{ key: kubernetes.io/hostname, operator: In, values: [kube1] }]
`

beforeAll(async () => {
  settings(3)
  const up = await tasks('sandbox:up')
  expect(up.exitCode, up.stderr).toBe(0)
  kubeconfig = JSON.parse((await tasks('sandbox:status', '--json')).stdout).kubeconfig
  await run(kubectl, ['--kubeconfig', kubeconfig, 'apply', '-f', '-'], { input: old })
})

afterAll(async () => {
  await tasks('sandbox:down', '--purge')
  rmSync(root, { recursive: true, force: true })
})

test('a PersistentVolume of an old toolkit is adopted as it is, and a second run changes nothing', async () => {
  const first = await tasks('persistent', '--yes')
  expect(first.exitCode, first.stderr).toBe(0)
  const { metadata, spec } = await volume('kube1-pv-500mi-0001')
  expect(metadata.labels).toMatchObject({ 'volume.group': 'pool-s', 'volume.id': 'f00dcafe' })
  expect(metadata.labels['volume.node']).toBeUndefined()
  expect(spec.accessModes).toEqual(['ReadWriteMany'])
  expect(spec.local.path).toBe('/var/lib/docker/k8s-volumes/pool-s/pv-500Mi-0001')
  const again = await tasks('persistent', '--yes')
  expect(again.stderr).toContain('nothing to do')
})

test('C03 a volume that leaves the configuration stays, and the plan says that it is an orphan', async () => {
  const { metadata } = await volume('kube2-pv-500mi-0003')
  settings(2)
  const { exitCode, stderr } = await tasks('persistent', '--yes')
  expect(exitCode, stderr).toBe(0)
  expect(stderr).toContain(
    'orphan: PersistentVolume kube2-pv-500mi-0003 is not in tasks persistent any more and stays',
  )
  expect((await volume('kube2-pv-500mi-0003')).metadata.uid).toBe(metadata.uid)
  const { stdout } = await tasks('status', '--json')
  expect(JSON.parse(stdout).volumes.orphans).toEqual(
    expect.arrayContaining(['kube1-pv-500mi-0003', 'kube2-pv-500mi-0003']),
  )
})

test('remote-volumes applies the files of volumes/ as one set, and binds the claims to them', async () => {
  expect((await tasks('remote-volumes')).stderr).toContain('volumes/ has no *.yaml')
  mkdirSync(join(root, 'volumes'))
  for (const name of ['nfs-share.yaml', 'nfs-read-only.yaml'])
    writeFileSync(join(root, 'volumes', name), readFileSync(join(packageRoot(), 'volumes/examples', name)))
  expect((await tasks('namespace-config', '--yes')).exitCode).toBe(0)
  const { exitCode, stderr } = await tasks('remote-volumes', '--yes')
  expect(exitCode, stderr).toBe(0)
  const { spec, status } = await volume('nfs-share')
  expect(spec.nfs.server).toBe('nfs.example.com')
  expect(status.phase).toBe('Bound')
  expect((await tasks('remote-volumes')).stderr).toContain('nothing to do')
  rmSync(join(root, 'volumes/nfs-share.yaml'))
  expect((await tasks('remote-volumes', '--yes')).stderr).toContain('orphan: PersistentVolume nfs-share')
})
