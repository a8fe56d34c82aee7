import { setTimeout as sleep } from 'node:timers/promises'
import type { Progress } from '../cli/change.ts'
import { TaskError } from '../cli/errors.ts'
import { environment } from '../config/environment.ts'
import {
  type ComponentName,
  type ComponentSettings,
  componentArguments,
  componentNames,
  sandboxFiles,
} from './components.ts'
import { lastLines, limitLog } from './logs.ts'
import { openLoopback } from './loopback.ts'
import { commandLineOf, type ProcessRecord, runningProcess, startDetached, stopProcess } from './process.ts'
import { ensurePrograms, type ProgramOptions } from './programs.ts'

/** A port was taken between the moment it was found free and the moment a program used it. */
export class PortTaken extends Error {}

/**
 * Starts what does not run and restarts what runs with other arguments or files than wanted.
 * Says whether anything was started. The data of etcd is kept.
 */
export async function startControlPlane(
  settings: ComponentSettings,
  options: Progress & ProgramOptions & { changed: Set<ComponentName> },
): Promise<boolean> {
  const missing = await stopUnwanted(settings, options.changed)
  if (missing.length > 0) {
    const programs = await ensurePrograms(missing, options)
    const start = async (name: ComponentName) =>
      startComponent(name, { settings, program: programs.get(name)! })
    const isEarly = (name: ComponentName) => name === 'etcd' || name === 'kube-apiserver'
    for (const name of missing.filter(isEarly)) await start(name)
    await waitForApi(settings, options)
    // The others give up when the API server does not answer at once.
    for (const name of missing.filter((name) => !isEarly(name))) await start(name)
  } else {
    await waitForApi(settings, options)
  }
  return missing.length > 0
}

/** Stops the programs of a sandbox in reverse order of their start; says which ran. */
export async function stopControlPlane(directory: string, { say }: Progress): Promise<ComponentName[]> {
  const stopped: ComponentName[] = []
  for (const name of componentNames.toReversed()) {
    const running = await runningProcess(sandboxFiles(directory).pid(name))
    if (!running) continue
    say(`stopping ${name} (process ${running.pid})`)
    await stopProcess(running)
    stopped.push(name)
  }
  return stopped
}

/** The processes of a sandbox that run. */
export async function runningComponents(directory: string): Promise<Map<ComponentName, ProcessRecord>> {
  const running = new Map<ComponentName, ProcessRecord>()
  for (const name of componentNames) {
    const record = await runningProcess(sandboxFiles(directory).pid(name))
    if (record) running.set(name, record)
  }
  return running
}

async function stopUnwanted(settings: ComponentSettings, changed: Set<ComponentName>) {
  const running = await runningComponents(settings.directory)
  const missing: ComponentName[] = []
  for (const name of componentNames) {
    const record = running.get(name)
    if (record && !changed.has(name) && (await runsWith(record, componentArguments(name, settings)))) continue
    if (record) await stopProcess(record)
    missing.push(name)
  }
  return missing
}

/** The program's own path is left out: the same version may come from the cache today and from PATH tomorrow. */
async function runsWith({ pid }: ProcessRecord, wanted: string[]): Promise<boolean> {
  return (await commandLineOf(pid))?.endsWith(` ${wanted.join(' ')}`) ?? false
}

async function startComponent(
  name: ComponentName,
  options: { settings: ComponentSettings; program: string },
) {
  const files = sandboxFiles(options.settings.directory)
  await limitLog(files.log(name))
  const { TZ, HOME } = environment()
  await startDetached([options.program, ...componentArguments(name, options.settings)], {
    pidFile: files.pid(name),
    logFile: files.log(name),
    env: { PATH: '/usr/bin:/bin', ...(TZ ? { TZ } : {}), ...(HOME ? { HOME } : {}) },
  })
}

/** Waits until the API server says that it is ready; a program that ended on the way is an error with its last words. */
async function waitForApi({ directory }: ComponentSettings, { say, signal }: Progress): Promise<void> {
  const files = sandboxFiles(directory)
  const line = await openLoopback(files.kubeconfig)
  const started = Date.now()
  try {
    while (!(await isReady(line))) {
      signal.throwIfAborted()
      const seconds = Math.floor((Date.now() - started) / 1000)
      say(`waiting for the API server (${seconds} s)`)
      for (const name of ['etcd', 'kube-apiserver'] as const) await expectRunning(name, directory)
      if (seconds > 120)
        throw await failure('kube-apiserver', { directory, what: 'is not ready after 120 s' })
      await sleep(100)
    }
  } finally {
    line.close()
  }
}

async function isReady(line: Awaited<ReturnType<typeof openLoopback>>): Promise<boolean> {
  try {
    return (await line.ask('GET', '/readyz')).status === 200
  } catch {
    return false // not listening yet
  }
}

async function expectRunning(name: ComponentName, directory: string): Promise<void> {
  const pidFile = sandboxFiles(directory).pid(name)
  if (await runningProcess(pidFile)) return
  // The record is written by the new process itself, a moment after it was started.
  await sleep(500)
  if (await runningProcess(pidFile)) return
  const lines = await lastLines(sandboxFiles(directory).log(name), 5)
  if (lines.some((line) => line.includes('address already in use'))) throw new PortTaken()
  throw await failure(name, { directory, what: 'ended while starting' })
}

async function failure(
  name: ComponentName,
  options: { directory: string; what: string },
): Promise<TaskError> {
  const log = sandboxFiles(options.directory).log(name)
  const lines = await lastLines(log, 5)
  return new TaskError(
    [`the sandbox's ${name} ${options.what}`, ...lines.map((line) => `  ${line}`)].join('\n'),
    {
      file: log,
      hint: 'read the log, or begin anew with: tasks sandbox:down --purge',
    },
  )
}
