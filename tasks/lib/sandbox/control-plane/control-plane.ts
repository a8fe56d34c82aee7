import type { Progress } from '../../cli/change.ts'
import { environment } from '../../config/environment.ts'
import { ensurePrograms, type ProgramOptions } from '../programs/programs.ts'
import {
  type ComponentName,
  type ComponentSettings,
  componentArguments,
  componentNames,
} from './components.ts'
import { sandboxFiles } from './files.ts'
import { waitForApi } from './health.ts'
import { limitLog } from './logs.ts'
import { commandLineOf, type ProcessRecord, runningProcess, startDetached, stopProcess } from './process.ts'

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
    await waitForApi(settings.directory, options)
    // The others give up when the API server does not answer at once.
    for (const name of missing.filter((name) => !isEarly(name))) await start(name)
  } else {
    await waitForApi(settings.directory, options)
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
