import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { sharesText, timeShares } from '../../../scripts/time-shares.ts'
import { type LabCluster, nodesReady, openLabCluster } from '../../support/lab-cluster.ts'
import type { LabMachine } from '../../support/lab-machine.ts'
import { fingerprint, type Kill, killAtEveryStep, plannedChanges } from '../../support/node-steps.ts'

// Two installs, one of them by as many runs as it has changes.
vi.setConfig({ testTimeout: 7_200_000, hookTimeout: 900_000 })

let cluster: LabCluster
let whole: string

beforeAll(async () => {
  cluster = await openLabCluster({ controlPlanes: ['cp1'], workers: ['w1'] })
  await eachMachine((machine) => machine.shutdown())
  await eachMachine((machine) => machine.snapshot('bare'))
  await eachMachine((machine) => machine.start())
})
afterAll(() => cluster?.close())

test('an install that nobody disturbs spends its time with kubeadm, copies and waits', async () => {
  const report = await cluster.report(['install', '--yes'])
  console.log(`install of 1+1: ${report.seconds} s\n${sharesText(timeShares(report))}`, report.steps)
  expect(await nodesReady(cluster)).toBe('cp1 True\nw1 True\n')
  whole = await endState()
})

test('A05 an install that is killed at each of its changes ends as one that is not', async () => {
  await eachMachine((machine) => machine.powerCut())
  await eachMachine((machine) => machine.restore('bare'))
  await eachMachine((machine) => machine.start())
  for (const kept of ['secrets/volumes', 'secrets/cluster'])
    rmSync(join(cluster.project, kept), { recursive: true, force: true })
  const kills: Kill[] = ['done', 50, 'done', 400, 'done', 3000]
  const killed = await killAtEveryStep(cluster, { args: ['install'], kills, most: 400 })
  console.log(`killed ${killed} times`)
  expect(killed).toBeGreaterThan(40)
  expect(await nodesReady(cluster)).toBe('cp1 True\nw1 True\n')
  expect(await plannedChanges(cluster, ['install'])).toEqual([])
  expect(await endState()).toBe(whole)
})

async function eachMachine(work: (machine: LabMachine) => Promise<unknown>): Promise<void> {
  await Promise.all(cluster.machines.map(work))
}

/** Without what differs from cluster to cluster: certificates, keys, UUIDs, names of containers. */
async function endState(): Promise<string> {
  const texts = await Promise.all(['cp1', 'w1'].map((name) => fingerprint(cluster.machine(name))))
  return texts
    .join('\n')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    .split('\n')
    .filter((line) => !/^[0-9a-f]{64} .*(kubernetes\/|id_ed25519|authorized_keys)/.test(line))
    .filter((line) => !/containerd|kubelet\/pods|kubelet-(client|server)-|veth|cri-/.test(line))
    .join('\n')
}
