import { setTimeout as sleep } from 'node:timers/promises'
import type { Progress } from '../../cli/change.ts'
import { TaskError } from '../../cli/errors.ts'
import { type Loopback, openLoopback } from '../loopback.ts'
import type { ComponentName } from './components.ts'
import { sandboxFiles } from './files.ts'
import { lastLines } from './logs.ts'
import { runningProcess } from './process.ts'

/** A port was taken between the moment it was found free and the moment a program used it. */
export class PortTaken extends Error {}

/** Waits until the API server says that it is ready; a program that ended on the way is an error with its last words. */
export async function waitForApi(directory: string, { say, signal }: Progress): Promise<void> {
  const files = sandboxFiles(directory)
  const line = await openLoopback(files.kubeconfig)
  const started = Date.now()
  try {
    for (;;) {
      // First: a program that ended may have left its port to a stranger, who would be asked otherwise.
      for (const name of ['etcd', 'kube-apiserver'] as const) await expectRunning(name, directory)
      if (await isReady(line)) return
      signal.throwIfAborted()
      const seconds = Math.floor((Date.now() - started) / 1000)
      say(`waiting for the API server (${seconds} s)`)
      if (seconds > 120)
        throw await failure('kube-apiserver', { directory, what: 'is not ready after 120 s' })
      await sleep(100)
    }
  } finally {
    line.close()
  }
}

async function isReady(line: Loopback): Promise<boolean> {
  try {
    return (await line.ask('GET', '/readyz', { timeoutSeconds: 3 })).status === 200
  } catch {
    return false // not listening yet
  }
}

/** Throws when a program of a sandbox has ended, with its last words. */
export async function expectRunning(name: ComponentName, directory: string): Promise<void> {
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
