import { spawn } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { sharesText, timeShares } from '../../../scripts/time-shares.ts'
import { type LabCluster, nodesReady, openLabCluster, podWithVolume } from '../../support/lab-cluster.ts'
import { plannedChanges } from '../../support/node-steps.ts'

// Four machines on two cores: figures of an hour, not of a rack.
vi.setConfig({ testTimeout: 3_600_000, hookTimeout: 900_000 })

const address = '10.78.0.100'
const endpoint = `https://${address}:8443/readyz`

let cluster: LabCluster

beforeAll(async () => {
  cluster = await openLabCluster({
    controlPlanes: ['cp1', 'cp2', 'cp3'],
    workers: ['w1'],
    kubernetes: ['1.36.3', '1.36.4'],
    more: `endpoint: { address: '${address}:8443', provider: keepalived }
backup: { schedule: daily, keep: 3, to: [{ folder: /srv/backups }] }\n`,
  })
  for (const name of cluster.options.controlPlanes) await makeBackupFolder(name)
})
afterAll(() => cluster?.close())

/** Where a folder of another machine would be mounted. */
async function makeBackupFolder(name: string): Promise<void> {
  await cluster.machine(name).sh('mkdir -p /srv/backups; sync')
}

test('one install makes three control planes and a worker; a second one changes nothing', async () => {
  const report = await cluster.report(['install', '--yes'])
  console.log(`install of 3+1: ${report.seconds} s\n${sharesText(timeShares(report))}`, report.steps)
  expect(await nodesReady(cluster)).toBe('cp1 True\ncp2 True\ncp3 True\nw1 True\n')
  expect(await plannedChanges(cluster, ['install'])).toEqual([])
  await cluster.kubectl('apply -f -', { input: podWithVolume('web', { node: 'w1' }) })
  await cluster.kubectl('wait --for=condition=Ready pod/web --timeout=300s')
})

test('E02 when the machine that holds the endpoint loses power another one answers there', async () => {
  const holder = await endpointHolder()
  const clock = watchEndpoint()
  await clock.untilAnswered()
  await cluster.machine(holder).powerCut()
  const seconds = await clock.secondsWithoutAnswer()
  console.log(`endpoint without an answer: ${seconds} s after the power cut of ${holder}`)
  await cluster.machine(holder).start()
  await cluster.machine(holder).until('curl -kfsS https://127.0.0.1:6443/readyz', 600)
  expect(await endpointHolder()).not.toBe(holder)
})

/** The machine that has the address. */
async function endpointHolder(): Promise<string> {
  for (const name of cluster.options.controlPlanes) {
    const machine = cluster.machine(name)
    if (!(await machine.isUp())) continue
    const { stdout } = await machine.try(`ip -o addr | grep -c ' ${address}/' || true`)
    if (stdout.trim() !== '0') return name
  }
  throw new Error(`nobody holds ${address}`)
}

/** Asks the endpoint five times a second, from a machine that is none of them: the host. */
function watchEndpoint() {
  const asks = `while :; do curl -kfsS -m 1 -o /dev/null ${endpoint} 2>/dev/null && echo "$(date +%s.%N) up" || echo "$(date +%s.%N) down"; sleep 0.2; done`
  const child = spawn('ip', ['netns', 'exec', cluster.namespace, 'sh', '-c', asks])
  const lines: { at: number; isUp: boolean }[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.trim().split('\n'))
      lines.push({ at: Number(line.split(' ')[0]), isUp: line.endsWith('up') })
  })
  return {
    untilAnswered: () => vi.waitUntil(() => lines.at(-1)?.isUp, { timeout: 60_000, interval: 50 }),
    /** The longest time without an answer, once it answers again for ten seconds. */
    async secondsWithoutAnswer(): Promise<number> {
      try {
        await vi.waitUntil(() => hasRecovered(lines), { timeout: 600_000, interval: 500 })
        return longestGap(lines)
      } finally {
        child.kill()
      }
    },
  }
}

interface Answered {
  at: number
  isUp: boolean
}

function hasRecovered(lines: readonly Answered[]): boolean {
  const lastDown = lines.findLastIndex(({ isUp }) => !isUp)
  const after = lines.slice(lastDown + 1)
  return lastDown >= 0 && after.length > 1 && after.at(-1)!.at - after[0]!.at > 10
}

function longestGap(lines: readonly Answered[]): number {
  const up = lines.filter(({ isUp }) => isUp)
  const gaps = up.slice(1).map(({ at }, index) => at - up[index]!.at)
  return Math.round(Math.max(...gaps) * 10) / 10
}

describe('a rebuild', () => {
  test('H02 H01 of the first control plane on an empty machine joins it through the others', async () => {
    const cp1 = cluster.machine('cp1')
    await cp1.powerCut()
    await cp1.replace()
    await cp1.start()
    await makeBackupFolder('cp1')
    const stopped = await cluster.tasks(['install', '--yes'])
    expect(stopped.exitCode).toBe(1)
    expect(stopped.stderr).toMatch(/host key/i)
    await cluster.writeCluster(await cluster.knownHosts(), 'known_hosts')
    const again = await cluster.tasks(['install', '--yes'])
    expect(again.exitCode).toBe(1)
    expect(again.stderr).toContain('tasks node:rebuild cp1')
    await cluster.works(['node:rebuild', 'cp1', '--confirm', 'cp1'])
    expect(await nodesReady(cluster)).toBe('cp1 True\ncp2 True\ncp3 True\nw1 True\n')
    expect(await plannedChanges(cluster, ['install'])).toEqual([])
    await cluster.works(['etcd:members'])
  })
})

test('a backup is rehearsed, and restored on the same machines: what came after it is gone', async () => {
  await cluster.kubectl('create configmap before')
  await cluster.works(['etcd:backup', '--yes'])
  await cluster.kubectl('create configmap after')
  const uid = "get namespace kube-system -o 'jsonpath={.metadata.uid}'"
  const before = await cluster.kubectl(uid)
  await cluster.works(['etcd:rehearse'])
  const name = JSON.parse((await cluster.tasks(['etcd:backups', '--json'])).stdout)
  console.log('backups', JSON.stringify(name).slice(0, 400))
  await cluster.works(['etcd:restore', 'latest', '--confirm', 'latest'])
  expect(await cluster.kubectl(uid)).toBe(before)
  expect(await cluster.kubectl('get configmap before -o name')).toBe('configmap/before\n')
  expect((await cluster.tasks(['etcd:members'])).exitCode).toBe(0)
  await expect(cluster.kubectl('get configmap after')).rejects.toThrow('not found')
})

test('an upgrade to the next patch takes every node there', async () => {
  await cluster.works(['cluster:upgrade', '1.36.4', '--force', '--yes'])
  const versions = await cluster.kubectl("get nodes -o 'jsonpath={.items[*].status.nodeInfo.kubeletVersion}'")
  expect(versions).toBe('v1.36.4 v1.36.4 v1.36.4 v1.36.4')
  expect(await nodesReady(cluster)).toBe('cp1 True\ncp2 True\ncp3 True\nw1 True\n')
})
