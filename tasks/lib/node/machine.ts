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
}

export interface ScriptOptions {
  /** What the script finds on its stdin: the one way in for a secret. Empty where not given. */
  input?: string | Uint8Array
  /** Gives the exit code instead of throwing when it is not 0. */
  allowFailure?: boolean
  timeoutSeconds?: number
  signal?: AbortSignal
  /** Said in errors and with --verbose in place of the script. */
  title?: string
}

export interface ScriptResult {
  stdout: string
  stderr: string
  exitCode: number
}
