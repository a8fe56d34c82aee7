import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { sharesText, timeShares } from '../../../scripts/time-shares.ts'
import { type LabCluster, nodesReady, openLabCluster, podWithVolume } from '../../support/lab-cluster.ts'
import { plannedChanges } from '../../support/node-steps.ts'

// What an operator does to a cluster after its first day: each of it takes minutes on machines that share two cores.
vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 900_000 })

let cluster: LabCluster

beforeAll(async () => {
  cluster = await openLabCluster({
    controlPlanes: ['cp1'],
    workers: ['w1'],
    kubernetes: ['1.36.3', '1.36.4'],
  })
})
afterAll(() => cluster?.close())

/** The lines of the web page in the pod's volume: one for each time that it started. */
async function starts(): Promise<number> {
  await cluster.kubectl('apply -f -', { input: podWithVolume('web', { node: 'w1' }) })
  await cluster.kubectl('wait --for=condition=Ready pod/web --timeout=300s')
  return (await cluster.kubectl('exec web -- cat /data/index.html')).trim().split('\n').length
}

test('an install is followed by a pod on an encrypted volume', async () => {
  const report = await cluster.report(['install', '--yes'])
  console.log(`install of 1+1: ${report.seconds} s\n${sharesText(timeShares(report))}`)
  expect(await nodesReady(cluster)).toBe('cp1 True\nw1 True\n')
  expect(await starts()).toBe(1)
})

test('H01 a rebuild of a worker on a new system disk keeps its volume and what is on it', async () => {
  const w1 = cluster.machine('w1')
  await w1.sh('sync')
  await w1.powerCut()
  await w1.replace()
  await w1.start()
  await cluster.writeCluster(await cluster.knownHosts(), 'known_hosts')
  const stopped = await cluster.tasks(['install', '--yes'])
  expect(stopped.exitCode).toBe(1)
  expect(stopped.stderr).toContain('tasks node:rebuild w1')
  await cluster.works(['node:rebuild', 'w1', '--confirm', 'w1'])
  await cluster.kubectl('delete pod web --force --grace-period=0 --ignore-not-found')
  expect(await starts()).toBe(2)
  expect(await plannedChanges(cluster, ['install'])).toEqual([])
})

test('an upgrade to the next patch takes every node there, and pods find their data again', async () => {
  await cluster.works(['cluster:upgrade', '1.36.4', '--force', '--yes'])
  const versions = await cluster.kubectl("get nodes -o 'jsonpath={.items[*].status.nodeInfo.kubeletVersion}'")
  expect(versions).toBe('v1.36.4 v1.36.4')
  expect(await nodesReady(cluster)).toBe('cp1 True\nw1 True\n')
  expect(await starts()).toBe(3)
})

test('a reset takes Kubernetes off the machines, renames the data of etcd and leaves the volumes alone', async () => {
  const [cp1, w1] = [cluster.machine('cp1'), cluster.machine('w1')]
  await cluster.works(['cluster:reset', 'lab', '--confirm', 'lab'])
  expect(await cp1.sh('ls -d /var/lib/etcd.*')).toMatch(/etcd\./)
  expect((await cp1.try('test -e /etc/kubernetes/admin.conf')).exitCode).not.toBe(0)
  expect((await w1.try('test -e /etc/kubernetes/kubelet.conf')).exitCode).not.toBe(0)
  const kept =
    'mountpoint -q /var/lib/k8s-volumes && find /var/lib/k8s-volumes -name index.html -exec cat {} +'
  expect((await w1.sh(kept)).match(/kept by/g)).toHaveLength(3)
})
