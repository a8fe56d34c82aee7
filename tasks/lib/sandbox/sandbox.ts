import { access, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Progress } from '../cli/change.ts'
import { TaskError } from '../cli/errors.ts'
import type { Config } from '../config/model.ts'
import { type ComponentSettings, componentNames } from './control-plane/components.ts'
import { startControlPlane, stopControlPlane } from './control-plane/control-plane.ts'
import { sandboxFiles } from './control-plane/files.ts'
import { expectRunning, PortTaken } from './control-plane/health.ts'
import { sandboxContext } from './control-plane/kubeconfig.ts'
import { withLock } from './control-plane/lock.ts'
import { limitLog } from './control-plane/logs.ts'
import { freePorts } from './control-plane/ports.ts'
import { writeFiles } from './control-plane/setup.ts'
import { readState, type SandboxState, stateDirectory, writeState } from './control-plane/state.ts'
import { openLoopback } from './loopback.ts'
import { syncNodes } from './node-sync.ts'
import { simulatedNodes } from './nodes.ts'
import { versions } from './programs/versions.ts'

/** A control plane that runs on loopback. */
export interface Sandbox {
  directory: string
  kubeconfig: string
  context: string
  server: string
  /** Names of the simulated nodes. */
  nodes: string[]
  kubernetesVersion: string
}

export type SandboxOptions = Progress & {
  /** Another state directory than the project's own. */
  directory?: string
}

/** Brings the project's sandbox up, or finds it running, with the nodes that the configuration names. */
export async function sandboxUp(config: Config, options: SandboxOptions): Promise<Sandbox> {
  const directory = options.directory ?? stateDirectory(config.root)
  return withLock(join(directory, 'lock'), {
    ...options,
    what: 'another run works on this sandbox',
    work: () => bringUp(config, { ...options, directory }),
  })
}

/** Stops the project's sandbox; with `purge` its data is deleted as well. Says what was stopped. */
export async function sandboxDown(
  config: Pick<Config, 'root'>,
  options: SandboxOptions & { purge?: boolean },
): Promise<{ directory: string; stopped: string[]; purged: boolean }> {
  const directory = options.directory ?? stateDirectory(config.root)
  if (!(await isThere(directory))) return { directory, stopped: [], purged: false }
  return withLock(join(directory, 'lock'), {
    ...options,
    what: 'another run works on this sandbox',
    work: async () => {
      const stopped = await stopControlPlane(directory, options)
      if (options.purge) await rm(directory, { recursive: true, force: true })
      options.say('sandbox is stopped')
      return { directory, stopped, purged: options.purge === true }
    },
  })
}

async function isThere(directory: string): Promise<boolean> {
  return access(directory).then(
    () => true,
    () => false,
  )
}

type Options = SandboxOptions & { directory: string }

async function bringUp(config: Config, options: Options): Promise<Sandbox> {
  const { directory } = options
  const { kubernetesVersion, ports } = await start(config, options)
  const nodes = await ensureNodes(config, options)
  const server = `https://127.0.0.1:${ports.api}`
  options.say(`sandbox is running: Kubernetes ${kubernetesVersion} at ${server}`)
  const { kubeconfig } = sandboxFiles(directory)
  return { directory, kubeconfig, context: sandboxContext, server, nodes, kubernetesVersion }
}

async function start(config: Config, options: Options): Promise<SandboxState> {
  const { directory } = options
  let state = await currentState(config, directory)
  for (let attempt = 1; ; attempt++) {
    await writeState(directory, state)
    const changed = await writeFiles(directory, state)
    for (const name of componentNames) await limitLog(sandboxFiles(directory).log(name))
    const settings: ComponentSettings = { directory, ...state }
    try {
      await startControlPlane(settings, {
        ...options,
        changed,
        folder: config.variables.get('SANDBOX_BIN')?.value,
      })
      return state
    } catch (error) {
      if (!(error instanceof PortTaken) || attempt === 3) throw error
      state = { ...state, ports: await freePorts() }
    }
  }
}

async function ensureNodes(config: Config, options: Options): Promise<string[]> {
  const { directory } = options
  const wanted = simulatedNodes(config)
  const expectAll = async () => {
    for (const name of componentNames) await expectRunning(name, directory)
  }
  const line = await openLoopback(sandboxFiles(directory).kubeconfig)
  await syncNodes(line, { ...options, wanted, expectRunning: expectAll }).finally(() => line.close())
  return wanted.map(({ metadata }) => metadata.name)
}

async function currentState(config: Config, directory: string): Promise<SandboxState> {
  const { podSubnet, serviceSubnet } = config.cluster.network
  const state = await readState(directory)
  if (!state) {
    const created = new Date().toISOString()
    const ports = await freePorts()
    return {
      created,
      ports,
      root: config.root,
      podSubnet,
      serviceSubnet,
      kubernetesVersion: versions.kubernetes,
    }
  }
  if (state.podSubnet !== podSubnet || state.serviceSubnet !== serviceSubnet) {
    throw new TaskError(
      `the sandbox of ${basename(config.root)} was made with pods in ${state.podSubnet} and Services in ${state.serviceSubnet}, ` +
        `the configuration now says ${podSubnet} and ${serviceSubnet}`,
      { hint: 'begin anew with: tasks sandbox:down --purge' },
    )
  }
  return { ...state, kubernetesVersion: versions.kubernetes }
}
