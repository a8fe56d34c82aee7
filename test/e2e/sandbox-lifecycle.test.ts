import { execFile, spawn } from 'node:child_process'
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import type { Cluster, ClusterNode } from '../../tasks/lib/config/model.ts'
import { componentNames } from '../../tasks/lib/sandbox/control-plane/components.ts'
import { sandboxDown, sandboxUp } from '../../tasks/lib/sandbox/sandbox.ts'
import { sandboxStatus } from '../../tasks/lib/sandbox/status.ts'
import { bundledProgram } from '../support/bundled-program.ts'
import { testConfig } from '../support/config.ts'
import { kubectlWith } from '../support/kubectl.ts'

// A sandbox of its own beside the one that all tests share.
let root: string
let directory: string
const progress = { say: () => {}, signal: new AbortController().signal }

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'metaltasks-lifecycle-'))
  directory = join(root, 'sandbox')
})

afterEach(async () => {
  await down({ purge: true })
  await rm(root, { recursive: true, force: true })
})

const up = (cluster: Partial<Cluster> = {}) =>
  sandboxUp(testConfig(root, cluster), { ...progress, directory })
const down = (options: { purge?: boolean } = {}) =>
  sandboxDown({ root }, { ...progress, ...options, directory })
const status = () => sandboxStatus({ root }, { directory })
const kubectl = (...args: string[]) => kubectlWith(inject('kubectl'), join(directory, 'kubeconfig'))(args)

/** Pids of all processes that belong to this sandbox, whether it knows them or not. */
async function processes(): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-ww', '-eo', 'pid=,args='])
  const lines = stdout.split('\n').filter((line) => line.includes(`=${directory}/`))
  return lines.map((line) => Number.parseInt(line, 10)).sort((a, b) => a - b)
}

async function pids(): Promise<number[]> {
  return (await status()).processes.map(({ pid }) => pid).sort((a, b) => a - b)
}

test('a second start finds the sandbox running and starts nothing', async () => {
  const first = await up()
  const before = await pids()
  expect(await up()).toEqual(first)
  expect(await pids()).toEqual(before)
  expect(await status()).toMatchObject({ state: 'running', nodes: 3, kubernetesVersion: '1.36.3' })
  expect(first.server).not.toBe(inject('sandbox').server)
})

test('a program that died is started again, and etcd keeps its data', async () => {
  await up()
  await kubectl('create', 'configmap', 'kept')
  for (const name of componentNames) {
    const { processes: running } = await status()
    process.kill(running.find((one) => one.name === name)!.pid, 'SIGKILL')
    while ((await status()).processes.length === componentNames.length) await sleep(20)
    expect((await status()).state).toBe('damaged')
    await up()
    const rest = running.filter((one) => one.name !== name).map(({ pid }) => pid)
    expect(await pids()).toEqual(expect.arrayContaining(rest))
    expect(await processes()).toEqual(await pids())
    expect(await kubectl('get', 'configmap', 'kept', '-o', 'name')).toBe('configmap/kept\n')
  }
})

test('killed at any moment of the start, the next start ends the same and no process is left over', async () => {
  const program = await bundledProgram('sandbox-up')
  for (const milliseconds of [150, 300, 600, 1000, 1500, 2300, 3200]) {
    await killedStart(program, milliseconds)
    await sleep(300) // what was being started ends or records itself
    expect(await processes(), `after ${milliseconds} ms`).toEqual(await pids())
  }
  await up()
  expect(await pids()).toHaveLength(componentNames.length)
  expect(await processes()).toEqual(await pids())
  await down()
  expect(await processes()).toEqual([])
})

async function killedStart(program: string, milliseconds: number): Promise<void> {
  const child = spawn(process.execPath, [program, root, directory], { stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  await sleep(milliseconds)
  child.kill('SIGKILL')
  await ended
}

test('two starts at once make one sandbox', async () => {
  const [first, second] = await Promise.all([up(), up()])
  expect(second).toEqual(first)
  expect(await processes()).toHaveLength(componentNames.length)
})

test('nodes follow the configuration: new ones come, others go, labels change', async () => {
  const node = (name: string, labels = {}): ClusterNode => ({
    name,
    roles: ['worker'],
    labels,
    taints: [],
    volumes: [],
  })
  await up({ nodes: [node('a', { disk: 'ssd', old: 'yes' }), node('b')] })
  await up({ nodes: [node('a', { disk: 'hdd' }), node('c')] })
  expect(await kubectl('get', 'nodes', '-o', 'name')).toBe('node/a\nnode/c\n')
  expect(
    await kubectl('get', 'node', 'a', '-o', 'jsonpath={.metadata.labels.disk}{.metadata.labels.old}'),
  ).toBe('hdd')
})

test('stopped and started again it has its data and its address; purged it is gone', async () => {
  const { server } = await up()
  await kubectl('create', 'configmap', 'kept')
  expect((await down()).stopped).toEqual(componentNames.toReversed())
  expect((await status()).state).toBe('stopped')
  expect((await up()).server).toBe(server)
  expect(await kubectl('get', 'configmap', 'kept', '-o', 'name')).toBe('configmap/kept\n')
  await down({ purge: true })
  await expect(access(directory)).rejects.toThrow('ENOENT')
  expect((await status()).state).toBe('absent')
  expect((await down()).stopped).toEqual([])
})

test('another network in the configuration is said instead of half applied', async () => {
  await up()
  const network = { ...testConfig(root).cluster.network, podSubnet: '10.77.0.0/16' }
  await expect(up({ network })).rejects.toMatchObject({
    message: expect.stringContaining('was made with pods in 10.244.0.0/16 and Services in 10.96.0.0/12'),
    findings: [{ hint: 'begin anew with: tasks sandbox:down --purge' }],
  })
})

test('a program that cannot start is named with the last words of its log', async () => {
  await up()
  await down()
  await writeFile(join(directory, 'encryption.json'), '{ "kind": "Nonsense" }')
  await expect(up()).rejects.toThrow(/^the sandbox's kube-apiserver ended while starting\n {2}.*Nonsense/s)
})

test('a port that somebody else took meanwhile is replaced', async () => {
  const { server } = await up()
  await down()
  const { createServer } = await import('node:net')
  const thief = createServer().listen(Number(new URL(server).port), '127.0.0.1')
  await new Promise((resolve) => thief.once('listening', resolve))
  try {
    expect((await up()).server).not.toBe(server)
  } finally {
    thief.close()
  }
})
