import type { Change, Progress } from '../cli/change.ts'
import type { Finding, Place } from '../cli/errors.ts'
import type { Input } from './machine.ts'

/**
 * One thing that has to hold on one machine: a file, a mount, a volume. It says what to ask and what follows from the
 * answer; plan/ asks all resources of a machine in one round trip and makes Changes of what differs.
 */
export interface Resource {
  /** Unique on its machine and the same on every run: "file /etc/fstab", "volume data". */
  target: string
  /**
   * Shell that prints the present state and changes nothing at all, no device's header either. It runs as root in a
   * subshell of its own without -e; its exit code is part of the answer.
   */
  probe: string
  /** What is missing, by what the probe answered. Pure. Throws a TaskError where the answer cannot be understood. */
  plan(answer: Answer): Planned
  /** The configuration line that asks for it. */
  source?: Place
  /** For how long its state may lag behind a change that was made: a unit that starts. 0 unless told. */
  settleSeconds?: number
}

/** What a probe printed. */
export interface Answer {
  stdout: string
  stderr: string
  exitCode: number
}

export interface Planned {
  /** In order; each can be made again after it was made. Empty: all holds. */
  actions: Action[]
  /** Warnings and notes; an error belongs into `blocked` of an action. */
  findings?: Finding[]
}

/** One change on one machine. */
export interface Action {
  action: Change['action']
  /** In the imperative, without the machine: "format logical volume vg0/data with LUKS". */
  title: string
  /** The state before and after, as lines. Empty: nothing there. */
  before?: string[]
  after?: string[]
  /**
   * The exact command lines, in order, as root; the plan prints them and nothing else runs. They run in one /bin/sh
   * with -eu, each evaluated as a whole: the first that does not end with 0 ends it, `a && b` whose a fails too. So a
   * check that guards a dangerous command is one of them: "test -e /x", or "if …; then …; exit 1; fi".
   */
  commands: string[]
  /** What the commands find on stdin, asked for when they run: a file's content, a key. */
  input?(progress?: Progress): Promise<Input> | Input
  /** Gets what the commands printed, once all of them ended well: a header's backup. Its failure is the action's. */
  output?(stdout: string): Promise<void> | void
  /**
   * Called when the commands have ended, well or not, or could not begin: takes back what input() gave out for them, as
   * a token.
   */
  takeBack?(): Promise<void>
  notes?: string[]
  /** Why it cannot be made: nothing at all is then changed, on any machine. */
  blocked?: Finding
  /** When commands that do not end count as failed: never unless told. */
  timeoutSeconds?: number
}
