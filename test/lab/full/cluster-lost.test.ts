import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type LabCluster, nodesReady, openLabCluster, podWithVolume } from '../../support/lab-cluster.ts'
import { plannedChanges } from '../../support/node-steps.ts'

vi.setConfig({ testTimeout: 3_600_000, hookTimeout: 900_000 })

const uid = "get namespace kube-system -o 'jsonpath={.metadata.uid}'"

let cluster: LabCluster
let before: string

beforeAll(async () => {
  const more = 'backup: { keep: 3, to: [{ folder: /srv/backups }] }\n'
  cluster = await openLabCluster({ controlPlanes: ['cp1'], workers: ['w1'], more })
  await makeBackupFolder()
  await cluster.works(['install', '--yes'])
  await cluster.kubectl('apply -f -', { input: podWithVolume('web') })
  await cluster.kubectl('wait --for=condition=Ready pod/web --timeout=300s')
  before = await cluster.kubectl(uid)
}, 3_600_000)
afterAll(() => cluster?.close())

/** Where a folder of another machine would be mounted. */
async function makeBackupFolder(): Promise<void> {
  await cluster.machine('cp1').sh('mkdir -p /srv/backups; sync')
}

test('G02 when all machines are lost, a backup and the repository give the cluster back', async () => {
  await cluster.works(['etcd:backup', '--yes'])
  const backup = await keepBackup()
  for (const machine of ['cp1', 'w1'].map(cluster.machine)) {
    await machine.powerCut()
    await machine.replace()
    await machine.start()
  }
  await cluster.writeCluster(await cluster.knownHosts(), 'known_hosts')
  await makeBackupFolder()
  for (const task of ['node:prepare', 'volumes', 'node:software']) await cluster.works([task, '--yes'])
  await cluster.works(['etcd:restore', `./${backup}`, '--confirm', backup])
  const stopped = await cluster.tasks(['install', '--yes'])
  expect(stopped.exitCode, stopped.stderr).toBe(1)
  expect(stopped.stderr).toContain('tasks node:rebuild w1')
  expect(await cluster.kubectl(uid)).toBe(before)
  await cluster.works(['node:rebuild', 'w1', '--confirm', 'w1'])
  await cluster.works(['install', '--yes'])
  expect(await nodesReady(cluster)).toBe('cp1 True\nw1 True\n')
  expect(await plannedChanges(cluster, ['install'])).toEqual([])
})

test('H01 the volume of a worker whose data disk survived has what was on it', async () => {
  await cluster.kubectl('delete pod web --force --grace-period=0 --ignore-not-found')
  await cluster.kubectl('apply -f -', { input: podWithVolume('web') })
  await cluster.kubectl('wait --for=condition=Ready pod/web --timeout=300s')
  expect(await cluster.kubectl('exec web -- cat /data/index.html')).toMatch(/^(kept by web\n){2,}$/)
})

/** The newest backup as a file of the project. */
async function keepBackup(): Promise<string> {
  const newest = await cluster
    .machine('cp1')
    .sh('f=$(find /srv/backups -name "*.age" | sort | tail -1); basename "$f"; base64 -w0 "$f"')
  const [name, text] = newest.trim().split('\n') as [string, string]
  writeFileSync(join(cluster.project, name), Buffer.from(text, 'base64'))
  return name
}
