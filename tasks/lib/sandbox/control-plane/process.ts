import { execFile, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { isMissing } from './state.ts'

/** A process that was started once: its pid means nothing without the time at which it started. */
export interface ProcessRecord {
  pid: number
  started: string
}

/**
 * The shell records itself before it becomes the program, so that no process exists without a record, wherever
 * the starter is killed. It gives up when the starter died first: the next run may not have seen the record yet.
 * Arguments: pid file, pid of the starter, then the program with its arguments.
 */
const launcher = `
umask 077
pidfile=$1 starter=$2
shift 2
if read -r line 2>/dev/null </proc/$$/stat; then
  rest=\${line##*) }
  set -f
  started=$(set -- $rest; echo "\${20}")
else
  started=$(LC_ALL=C ps -o lstart= -p $$)
fi
printf '%s %s\\n' "$$" "$started" >"$pidfile.new" && mv "$pidfile.new" "$pidfile" || exit 1
kill -0 "$starter" 2>/dev/null || exit 1
exec "$@"
`

/** Starts a program that outlives this one, with its output appended to a log; it records itself in the pid file. */
export async function startDetached(
  argv: string[],
  options: { pidFile: string; logFile: string; env: Record<string, string> },
): Promise<void> {
  await rm(options.pidFile, { force: true })
  const log = openSync(options.logFile, 'a', 0o600)
  try {
    const child = spawn('/bin/sh', ['-c', launcher, 'sh', options.pidFile, String(process.pid), ...argv], {
      detached: true,
      stdio: ['ignore', log, log],
      env: options.env,
      cwd: '/',
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve).once('error', reject)
    })
    child.unref()
  } finally {
    closeSync(log)
  }
}

/** The process that a pid file names, if that very process still runs. */
export async function runningProcess(pidFile: string): Promise<ProcessRecord | undefined> {
  const text = await readFile(pidFile, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })
  const [, pid, started] = /^(\d+) (.+)$/m.exec(text ?? '') ?? []
  if (pid === undefined || started === undefined) return undefined
  return (await isSameProcess(Number(pid), started)) ? { pid: Number(pid), started } : undefined
}

/** Ends a process: SIGTERM, then SIGKILL after the grace period. Returns once it is gone. */
export async function stopProcess(record: ProcessRecord, graceSeconds = 10): Promise<void> {
  sendSignal(record.pid, 'SIGTERM')
  const deadline = Date.now() + graceSeconds * 1000
  while (await isSameProcess(record.pid, record.started)) {
    if (Date.now() > deadline) sendSignal(record.pid, 'SIGKILL')
    await sleep(25)
  }
}

/** True while the process with this pid is the one that started at that time. */
export async function isSameProcess(pid: number, started: string): Promise<boolean> {
  return (await startTimeOf(pid)) === started
}

/** When a process started, in whatever unit the system counts; undefined when it is gone or a zombie. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const fields = await statFields(pid)
    // The first thread may be a zombie while others still end, and with them the sockets that the process listens on.
    const [state, threads, started] = [fields?.[0], Number(fields?.[17]), fields?.[19]]
    return state === 'Z' && threads <= 1 ? undefined : started
  }
  return (await processStatus(pid, 'lstart='))?.trim() || undefined
}

/** Resident memory in bytes. */
export async function residentMemory(pid: number): Promise<number | undefined> {
  const kibibytes =
    process.platform === 'linux'
      ? /^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''))?.[1]
      : await processStatus(pid, 'rss=')
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
}

/** The arguments that a process was started with, program first. */
export async function commandLineOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return (await processStatus(pid, 'command='))?.trim()
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined)
  return text?.split('\0').slice(0, -1).join(' ')
}

/** /proc/PID/stat from the third field on: the second, the program's name, may hold spaces and brackets. */
async function statFields(pid: number): Promise<string[] | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')
}

async function processStatus(pid: number, field: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', field, '-p', String(pid)], {
      env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    })
    return stdout
  } catch {
    return undefined // ps exits 1 when there is no such process
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
