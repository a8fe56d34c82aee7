import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { sharesText, timeShares } from '../../../scripts/time-shares.ts'
import { seededRandom } from '../../support/killed-machine.ts'
import { type LabCluster, nodesReady, openLabCluster } from '../../support/lab-cluster.ts'
import type { LabMachine } from '../../support/lab-machine.ts'
import {
  fingerprint,
  type Kill,
  killAtEveryStep,
  patientRun,
  plannedChanges,
} from '../../support/node-steps.ts'

// Two installs, one of them by as many runs as it has changes; then the same for what comes after.
vi.setConfig({ testTimeout: 7_200_000, hookTimeout: 900_000 })

/** A rebuild dies at other places each time; METALTASKS_SEED brings one back. */
const seed = Number(process.env.METALTASKS_SEED ?? Date.now() % 1_000_000)
// The second one too: what goes on with something begins with a change that each run makes.
const kills: Kill[] = ['done', 50, 'done@2', 400, 'done', 3000, 'done@2']
const both = 'cp1 True\nw1 True\n'

let cluster: LabCluster
let whole: string

beforeAll(async () => {
  cluster = await openLabCluster({
    controlPlanes: ['cp1'],
    workers: ['w1'],
    kubernetes: ['1.36.3', '1.36.4'],
  })
  await eachMachine((machine) => machine.shutdown())
  await eachMachine((machine) => machine.snapshot('bare'))
  await eachMachine((machine) => machine.start())
})
afterAll(() => cluster?.close())

test('an install that nobody disturbs spends its time with kubeadm, copies and waits', async () => {
  const report = await cluster.report(['install', '--yes'])
  console.log(`install of 1+1: ${report.seconds} s\n${sharesText(timeShares(report))}`, report.steps)
  expect(await nodesReady(cluster)).toBe(both)
  whole = await endState()
})

test('A05 an install that is killed at each of its changes ends as one that is not', async () => {
  await eachMachine((machine) => machine.powerCut())
  await eachMachine((machine) => machine.restore('bare'))
  await eachMachine((machine) => machine.start())
  for (const kept of ['secrets/volumes', 'secrets/cluster'])
    rmSync(join(cluster.project, kept), { recursive: true, force: true })
  const killed = await killAtEveryStep(cluster, { args: ['install'], kills, most: 400 })
  console.log(`killed ${killed} times`)
  expect(killed).toBeGreaterThan(40)
  expect(await nodesReady(cluster)).toBe(both)
  expect(await plannedChanges(cluster, ['install'])).toEqual([])
  expect(await endState()).toBe(whole)
})

test('A05 so does a worker that was taken out and is added by runs that are killed at each change', async () => {
  await cluster.works(['node:remove', 'w1', '--reset', '--confirm', 'w1'])
  const killed = await killAtEveryStep(cluster, { args: ['node:add', 'w1'], kills, most: 100 })
  console.log(`node:add: killed ${killed} times`)
  expect(killed).toBeGreaterThan(1)
  await cluster.works(['install', '--yes'])
  expect(await nodesReady(cluster)).toBe(both)
  expect(await endState()).toBe(whole)
})

// It begins anew what has joined already: so it is killed once in each rebuild.
test(`A05 a rebuild that was killed is brought to its end by the same command (seed ${seed})`, async () => {
  const random = seededRandom(seed)
  const w1 = cluster.machine('w1')
  for (const bound of [6, 30, 70]) {
    const at = 1 + random(bound)
    await w1.powerCut()
    await w1.replace()
    await w1.start()
    await cluster.writeCluster(await cluster.knownHosts(), 'known_hosts')
    const args = ['node:rebuild', 'w1', '--confirm', 'w1']
    const { exitCode } = await patientRun(cluster, {
      args,
      kill: random(2) === 0 ? `done@${at}` : `200@${at}`,
    })
    console.log(`node:rebuild: killed at change ${at}: exit code ${exitCode}`)
    const { exitCode: then, stderr } = await patientRun(cluster, { args })
    expect(then, stderr).toBe(0)
    expect(await nodesReady(cluster)).toBe(both)
    expect(await plannedChanges(cluster, ['install'])).toEqual([])
  }
  expect(await endState()).toBe(whole)
})

test('A05 an upgrade that is killed at each of its changes takes every node there', async () => {
  const args = ['cluster:upgrade', '1.36.4', '--force']
  console.log(`cluster:upgrade: killed ${await killAtEveryStep(cluster, { args, kills, most: 150 })} times`)
  const versions = await cluster.kubectl("get nodes -o 'jsonpath={.items[*].status.nodeInfo.kubeletVersion}'")
  expect(versions).toBe('v1.36.4 v1.36.4')
  expect(await nodesReady(cluster)).toBe(both)
})

async function eachMachine(work: (machine: LabMachine) => Promise<unknown>): Promise<void> {
  await Promise.all(cluster.machines.map(work))
}

/** Without what differs from cluster to cluster: certificates, keys, UUIDs, pods and containers, what a reset has put aside. */
async function endState(): Promise<string> {
  const texts = await Promise.all(['cp1', 'w1'].map((name) => fingerprint(cluster.machine(name))))
  return texts
    .join('\n')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    .split('\n')
    .filter(
      (line) =>
        !/^[0-9a-f]{64} .*(kubernetes\/|id_ed25519|authorized_keys|ssh_host_|known_hosts|volume-keys\/volumes)/.test(
          line,
        ),
    )
    .filter(
      (line) =>
        !/containerd|kubelet[-/]pods|kubelet-(client|server)-|veth|cri-|run-netns-cni|kubernetes\.bak-/.test(
          line,
        ),
    )
    .join('\n')
}
