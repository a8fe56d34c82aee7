import { stat } from 'node:fs/promises'
import type { Config } from '../config/model.ts'
import { type ComponentName, componentNames } from './control-plane/components.ts'
import { runningComponents } from './control-plane/control-plane.ts'
import { sandboxFiles } from './control-plane/files.ts'
import { sandboxContext } from './control-plane/kubeconfig.ts'
import type { Ports } from './control-plane/ports.ts'
import { residentMemory } from './control-plane/process.ts'
import { readState, type SandboxState, stateDirectory } from './control-plane/state.ts'
import { openLoopback } from './loopback.ts'
import { listNodes } from './node-sync.ts'

export interface SandboxStatus {
  /** damaged: some of its programs run, not all; the next start heals it. */
  state: 'running' | 'damaged' | 'stopped' | 'absent'
  directory: string
  kubernetesVersion?: string
  server?: string
  kubeconfig?: string
  /** ISO time of the first start; data goes back to it. */
  created?: string
  /** Seconds since the API server was started. */
  upSeconds?: number
  /** Simulated nodes, when the API server answers. */
  nodes?: number
  processes: ComponentStatus[]
  /** Bytes, all processes together. */
  memory: number
}

export interface ComponentStatus {
  name: ComponentName
  pid: number
  ports: number[]
  /** Resident, in bytes. */
  memory: number
  log: string
}

/** What the project's sandbox is at this moment; starts and changes nothing. */
export async function sandboxStatus(
  config: Pick<Config, 'root'>,
  options: { directory?: string } = {},
): Promise<SandboxStatus> {
  const directory = options.directory ?? stateDirectory(config.root)
  const state = await readState(directory)
  if (!state) return { state: 'absent', directory, processes: [], memory: 0 }
  const processes = await describeProcesses(directory, state)
  const files = sandboxFiles(directory)
  const isUp = processes.some(({ name }) => name === 'kube-apiserver')
  return {
    state: overall(processes.length),
    directory,
    kubernetesVersion: state.kubernetesVersion,
    server: `https://127.0.0.1:${state.ports.api}`,
    kubeconfig: files.kubeconfig,
    created: state.created,
    ...(isUp ? { upSeconds: await secondsSince(files.pid('kube-apiserver')) } : {}),
    nodes: isUp ? await countNodes(files.kubeconfig) : undefined,
    processes,
    memory: processes.reduce((sum, { memory }) => sum + memory, 0),
  }
}

/** Kubeconfig and context of a sandbox that runs whole; undefined otherwise. */
export async function runningSandbox(config: Pick<Config, 'root'>) {
  const directory = stateDirectory(config.root)
  const running = await runningComponents(directory)
  if (running.size < componentNames.length) return undefined
  return { kubeconfig: sandboxFiles(directory).kubeconfig, context: sandboxContext }
}

function overall(count: number): SandboxStatus['state'] {
  if (count === componentNames.length) return 'running'
  return count === 0 ? 'stopped' : 'damaged'
}

async function describeProcesses(directory: string, state: SandboxState): Promise<ComponentStatus[]> {
  const found: ComponentStatus[] = []
  for (const [name, { pid }] of await runningComponents(directory)) {
    const memory = (await residentMemory(pid)) ?? 0
    found.push({
      name,
      pid,
      ports: portsOf(name, state.ports),
      memory,
      log: sandboxFiles(directory).log(name),
    })
  }
  return found
}

function portsOf(name: ComponentName, ports: Ports): number[] {
  if (name === 'etcd') return [ports.etcd, ports.etcdPeer]
  return name === 'kube-apiserver' ? [ports.api] : []
}

async function secondsSince(pidFile: string): Promise<number | undefined> {
  const found = await stat(pidFile).catch(() => undefined)
  return found && Math.round((Date.now() - found.mtimeMs) / 1000)
}

async function countNodes(kubeconfig: string): Promise<number | undefined> {
  const line = await openLoopback(kubeconfig)
  try {
    return (await listNodes(line)).length
  } catch {
    return undefined // it runs but does not answer yet
  } finally {
    line.close()
  }
}
