import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type LabCluster, nodesReady, openLabCluster } from '../../support/lab-cluster.ts'
import { plannedChanges } from '../../support/node-steps.ts'

// Five machines and a key server on two cores.
vi.setConfig({ testTimeout: 3_600_000, hookTimeout: 900_000 })

const etcd = ['e1', 'e2', 'e3']

let cluster: LabCluster

beforeAll(async () => {
  const more = 'backup: { schedule: daily, keep: 3, to: [{ folder: /srv/backups }] }\n'
  cluster = await openLabCluster({ controlPlanes: ['cp1'], workers: ['w1'], etcd, more })
  await cluster.machine('cp1').sh('mkdir -p /srv/backups; sync')
  for (const name of etcd) await makePatient(name)
})
afterAll(() => cluster?.close())

/** Members that share two cores have seconds to say that they lead: a drop-in, as an operator with slow disks would write it. */
async function makePatient(name: string): Promise<void> {
  await cluster.machine(name).sh(`mkdir -p /etc/systemd/system/etcd.service.d
printf '[Service]\\nEnvironment=ETCD_HEARTBEAT_INTERVAL=500 ETCD_ELECTION_TIMEOUT=5000\\n' >/etc/systemd/system/etcd.service.d/patient.conf
sync`)
}

test('three hosts of etcd, a control plane and a worker become a cluster; a second run changes nothing', async () => {
  await cluster.works(['install', '--yes'])
  expect(await nodesReady(cluster)).toBe('cp1 True\nw1 True\n')
  expect(await plannedChanges(cluster, ['install'])).toEqual([])
  expect(await cluster.machine('cp1').sh('ls /etc/kubernetes/manifests')).not.toContain('etcd')
})

test('the cluster does without the host that lost its power, and that one comes back by itself', async () => {
  await cluster.machine('e1').powerCut()
  await cluster.kubectl('create configmap without-e1')
  expect((await cluster.tasks(['etcd:members'])).stdout).toMatch(/e1.*gone/)
  await cluster.machine('e1').start()
  await cluster.machine('e1').until('systemctl is-active etcd.service', 300)
  await cluster.works(['etcd:members'])
})

test('a backup of it is made and rehearsed', async () => {
  await cluster.works(['etcd:backup', '--yes'])
  await cluster.works(['etcd:rehearse'])
})

test('H02 an empty machine in the place of a host of etcd becomes a member by one command', async () => {
  const e2 = cluster.machine('e2')
  await e2.powerCut()
  await e2.replace()
  await e2.start()
  await makePatient('e2')
  await cluster.writeCluster(await cluster.knownHosts(), 'known_hosts')
  const stopped = await cluster.tasks(['install', '--yes'])
  expect(stopped.exitCode, stopped.stderr).toBe(1)
  expect(stopped.stderr).toContain('tasks node:rebuild e2')
  await cluster.works(['node:rebuild', 'e2', '--confirm', 'e2'])
  expect(await plannedChanges(cluster, ['install'])).toEqual([])
  await cluster.works(['etcd:members'])
  expect(await cluster.kubectl('get configmap without-e1 -o name')).toBe('configmap/without-e1\n')
})
