import { TaskError } from '../cli/errors.ts'

/** No answer came from a machine: nothing is known of it, and a command that was sent may have run. */
export class UnreachableError extends TaskError {
  /** The machine's name. */
  readonly machine: string

  constructor(machine: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options)
    this.name = 'UnreachableError'
    this.machine = machine
  }
}
