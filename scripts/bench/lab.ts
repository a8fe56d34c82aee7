import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiClient, connect } from '../../tasks/lib/api/client.ts'
import { loadConfig } from '../../tasks/lib/config/config.ts'
import { runningComponents } from '../../tasks/lib/sandbox/control-plane/control-plane.ts'
import { stopProcess } from '../../tasks/lib/sandbox/control-plane/process.ts'
import { ensurePrograms } from '../../tasks/lib/sandbox/programs/programs.ts'
import { sandboxDown, sandboxUp } from '../../tasks/lib/sandbox/sandbox.ts'
import { install } from '../installed.ts'

/** Where the benchmark works: an installed `tasks`, kubectl, and, once asked for, an API server. */
export interface Lab {
  /** A folder for anything, removed at the end. */
  folder: string
  /** Path of tasks.js. */
  tasks: string
  /** A control plane on loopback, started by the first who asks. */
  server(): Promise<Server>
  say(text: string): void
  close(): Promise<void>
}

export interface Server {
  kubeconfig: string
  port: number
  kubectl: string
  client: ApiClient
}

/** Opens it in the system's folder for temporary files. */
export async function openLab(say: (text: string) => void): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), 'metaltasks-bench-'))
  const root = join(folder, 'lab')
  const progress = { directory: join(folder, 'sandbox'), signal: new AbortController().signal, say: () => {} }
  let running: Promise<Server> | undefined
  async function start(): Promise<Server> {
    say('starting a control plane')
    await mkdir(root, { recursive: true })
    const kubectl = (await ensurePrograms(['kubectl'], progress)).get('kubectl')!
    const { kubeconfig, server } = await sandboxUp(await loadConfig(root, { environment: {} }), progress)
    await stopBystanders(progress.directory)
    return { kubeconfig, kubectl, port: Number(new URL(server).port), client: await connect(kubeconfig) }
  }
  return {
    folder,
    say,
    tasks: await install(join(folder, 'package')),
    server() {
      running ??= start()
      return running
    },
    async close() {
      const server = await running?.catch(() => undefined)
      server?.client.close()
      if (running) await sandboxDown({ root }, progress)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

// Nothing that is measured has to do with pods and nodes, but both look at every object that is made.
async function stopBystanders(directory: string): Promise<void> {
  const running = await runningComponents(directory)
  for (const name of ['kube-scheduler', 'kwok'] as const) {
    const record = running.get(name)
    if (record) await stopProcess(record)
  }
}
