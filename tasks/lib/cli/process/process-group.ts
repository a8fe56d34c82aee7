import type { ChildProcess } from 'node:child_process'

/** The process groups under way; they must not outlive this process. */
const groups = new Set<number>()
process.on('exit', () => {
  for (const pid of groups) killGroup(pid, 'SIGTERM')
})

/** Why we stopped a child. */
export type StopReason = 'time' | 'output' | 'signal'

/** A child with all that it started. */
export interface ProcessGroup {
  /** SIGTERM, and SIGKILL when that was not enough. */
  stop(why: StopReason): void
  /** To be called when the child has ended. */
  ended(): void
  stopped(): StopReason | undefined
}

/** The process group of a child that was started detached; `patience` is from SIGTERM to SIGKILL, in milliseconds. */
export function processGroup(child: ChildProcess, patience: number): ProcessGroup {
  const { pid } = child
  let stopped: StopReason | undefined
  let timer: NodeJS.Timeout | undefined
  if (pid) groups.add(pid)
  return {
    stopped: () => stopped,
    stop(why) {
      if (stopped || !pid) return
      stopped = why
      killGroup(pid, 'SIGTERM')
      timer = setTimeout(() => killGroup(pid, 'SIGKILL'), patience)
    },
    ended() {
      clearTimeout(timer)
      if (!pid) return
      groups.delete(pid)
      if (stopped) killGroup(pid, 'SIGKILL')
    },
  }
}

// Negative: the group, so that what the program itself started ends too.
function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // Gone already.
  }
}
