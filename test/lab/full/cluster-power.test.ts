import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Ran } from '../../support/cli.ts'
import { type LabCluster, nodesReady, openLabCluster, podWithVolume } from '../../support/lab-cluster.ts'
import { plannedChanges } from '../../support/node-steps.ts'

// One install by as many runs as machines lose their power in it.
vi.setConfig({ testTimeout: 3_600_000, hookTimeout: 900_000 })

let cluster: LabCluster

beforeAll(async () => {
  cluster = await openLabCluster({ controlPlanes: ['cp1'], workers: ['w1'] })
})
afterAll(() => cluster?.close())

/** Which machine loses its power how many milliseconds after which change was started. */
const cuts: [machine: string, change: string, after: number][] = [
  ['w1', 'w1: install containerd', 4000],
  ['w1', 'w1: send image', 500],
  ['cp1', 'cp1: make certificates and keys', 300],
  ['cp1', 'cp1: start the control plane', 2000],
  ['cp1', 'cp1: start the control plane', 12_000],
  ['w1', 'w1: join the cluster', 3000],
  ['w1', 'w1: go on joining', 6000],
  ['cp1', 'w1: go on joining', 2000],
  ['cp1', 'create DaemonSet kube-flannel', 0],
]

test('an install in which one machine after the other loses its power is brought to its end by the same command', async () => {
  for (const [name, change, after] of cuts) {
    const machine = cluster.machine(name)
    const earlier = new Set(journals())
    const run = cluster.tasks(['install', '--yes'])
    const isCut = await whenStarted(change, { run, earlier })
    await sleep(after)
    await machine.powerCut()
    // Others may be waiting for it, as long as kubeadm is told to.
    await Promise.race([run, sleep(60_000)])
    await machine.start()
    const { exitCode, stderr } = await run
    const last = stderr.trimEnd().split('\n').slice(-2).join(' | ')
    console.log(
      `${isCut ? `${after} ms after "${change}"` : `at the end, without "${change}"`}: ${exitCode}: ${last}`,
    )
    expect([0, 1], stderr).toContain(exitCode)
    expect(stderr).not.toContain('this is a bug')
  }
  await cluster.works(['install', '--yes'])
  expect(await nodesReady(cluster)).toBe('cp1 True\nw1 True\n')
  expect(await plannedChanges(cluster, ['install'])).toEqual([])
})

/** True once the run's journal says that a change with that title was started; false where the run ended before. */
async function whenStarted(
  title: string,
  { run, earlier }: { run: Promise<Ran>; earlier: ReadonlySet<string> },
): Promise<boolean> {
  let hasEnded = false
  run.then(() => {
    hasEnded = true
  })
  while (!hasEnded) {
    const own = journals().find((file) => !earlier.has(file))
    const lines = own ? readFileSync(own, 'utf8').split('\n') : []
    if (lines.some((line) => line.includes('"started"') && line.includes(title))) return true
    await sleep(50)
  }
  return false
}

function journals(): string[] {
  const folder = join(cluster.project, '.tasks/journal')
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names.filter((name) => name.includes('install')).map((name) => join(folder, name))
}

test('what a pod has written is there when all machines lost their power', async () => {
  await cluster.kubectl('apply -f -', { input: podWithVolume('web') })
  await cluster.kubectl('wait --for=condition=Ready pod/web --timeout=300s')
  for (const name of ['cp1', 'w1']) await cluster.machine(name).powerCut()
  for (const name of ['w1', 'cp1']) await cluster.machine(name).start()
  await cluster.kubectlUntil('exec web -- cat /data/index.html | grep -c kept', /^[2-9]$/, { seconds: 600 })
  expect(await cluster.kubectl('exec web -- cat /data/index.html')).toMatch(/^(kept by web\n){2,}$/)
  expect(await plannedChanges(cluster, ['install'])).toEqual([])
})
