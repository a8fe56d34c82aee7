import { TaskError } from '../../tasks/lib/cli/errors.ts'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import { wholeInput } from './whole-input.ts'

/** This very host as a machine: for tests that need real programs but neither SSH nor root. */
export function localMachine(name: string): Machine {
  return {
    name,
    label: name.split('.')[0]!,
    async run(script, { input = '', allowFailure, timeoutSeconds, signal, title = 'script' } = {}) {
      const bytes = Buffer.concat([Buffer.from(script), await wholeInput(input)])
      const argv = ['sh', '-c', `eval "$(head -c ${Buffer.byteLength(script)})"`]
      const done = await run(argv, { input: bytes, allowFailure: true, timeoutSeconds, signal })
      if (done.exitCode === 0 || allowFailure) return done
      throw new TaskError(
        `${name}: ${title} failed with exit code ${done.exitCode}\n${done.stderr.trimEnd()}`,
      )
    },
  }
}
