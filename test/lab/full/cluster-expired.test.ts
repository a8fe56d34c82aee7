import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type LabCluster, nodesReady, openLabCluster, podWithVolume } from '../../support/lab-cluster.ts'
import { plannedChanges } from '../../support/node-steps.ts'

// A cluster that was off until all of its certificates had expired: as after a year in a cupboard.
vi.setConfig({ testTimeout: 3_600_000, hookTimeout: 900_000 })

let cluster: LabCluster

beforeAll(async () => {
  cluster = await openLabCluster({ controlPlanes: ['cp1'], workers: ['w1'], lifetime: '10m' })
  await cluster.works(['install', '--yes'])
  await cluster.kubectl('apply -f -', { input: podWithVolume('web') })
  await cluster.kubectl('wait --for=condition=Ready pod/web --timeout=300s')
}, 1_800_000)
afterAll(() => cluster?.close())

interface Certificate {
  file: string
  expires: string
  state: string
  renewedBy: string
}

async function certificates(): Promise<Certificate[]> {
  const { certificates } = JSON.parse((await cluster.tasks(['certs', '--json'])).stdout)
  return (certificates as Certificate[]).filter(({ renewedBy }) => renewedBy !== 'nobody')
}

test('D07 one command brings a cluster back whose certificates have all expired, kubelets too', async () => {
  const ends = Math.max(...(await certificates()).map(({ expires }) => Date.parse(expires)))
  const machines = ['cp1', 'w1'].map(cluster.machine)
  await cluster.machine('w1').sh('sync')
  for (const machine of machines) await machine.powerCut()
  await sleep(Math.max(0, ends - Date.now()) + 5000)
  for (const machine of machines) await machine.start()
  expect((await certificates()).filter(({ state }) => state !== 'expired')).toEqual([])
  await expect(nodesReady(cluster)).rejects.toThrow()

  const report = await cluster.report(['certs:renew', '--yes'])
  console.log(
    `certs:renew: ${report.seconds} s`,
    report.changes.map(({ title, seconds }) => `${title}: ${seconds}`),
  )
  expect(await nodesReady(cluster)).toBe('cp1 True\nw1 True\n')
  expect((await certificates()).filter(({ state }) => state === 'expired')).toEqual([])
  await cluster.kubectlUntil('exec web -- cat /data/index.html', /^kept by web$/, { seconds: 600 })
  expect(await plannedChanges(cluster, ['install'])).toEqual([])
})
