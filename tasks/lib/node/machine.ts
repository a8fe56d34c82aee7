/** One machine that commands run on. ssh/ opens real ones; tests may have the host itself. */
export interface Machine {
  /** As the configuration names it: "kube1.example.com". */
  name: string
  /** What plans and progress call it: the first label, "kube1". */
  label: string
  /**
   * Runs a script as root in /bin/sh, in one round trip; the script is never in an argument list. Throws a TaskError
   * that names the machine, the command, its exit code and its last words; an UnreachableError where no answer came.
   */
  run(script: string, options?: ScriptOptions): Promise<ScriptResult>
  /**
   * Starts a script that stays, as root in /bin/sh, and talks with it line by line. It should end when its stdin does:
   * that happens when this process is gone, however it ended. Only machines over SSH do it.
   */
  talk?(script: string, options: TalkOptions): Promise<Talk>
}

/** Bytes, or what is too much for memory: a stream that is opened anew for each attempt to send it. */
export type Input = string | Uint8Array | (() => AsyncIterable<Uint8Array>)

export interface ScriptOptions {
  /** What the script finds on its stdin: the one way in for a secret. Empty where not given. */
  input?: Input
  /** Gives the exit code instead of throwing when it is not 0. */
  allowFailure?: boolean
  timeoutSeconds?: number
  /**
   * Ends the script, on the machine too. What must be finished once it began gets none: it is not started where the
   * run's own signal is aborted.
   */
  signal?: AbortSignal
  /** Said in errors and with --verbose in place of the script. */
  title?: string
}

export interface TalkOptions {
  /** Hears each line of its stdout. */
  onLine(line: string): void
  /** Stops waiting for it to begin. */
  signal?: AbortSignal
  title?: string
}

/** A script that stays. */
export interface Talk {
  say(line: string): void
  /** How it ended; without an exit code the connection did. */
  ended: Promise<{ exitCode?: number; stderr: string }>
  /** Ends its stdin, and waits for its end. */
  end(): Talk['ended']
}

export interface ScriptResult {
  stdout: string
  stderr: string
  exitCode: number
  /** When its first word was here, in milliseconds since 1970; for comparing clocks. */
  beganAt?: number
}
