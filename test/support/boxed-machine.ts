import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { TaskError } from '../../tasks/lib/cli/errors.ts'
import { quote } from '../../tasks/lib/cli/process/quote.ts'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import type { Machine, ScriptOptions } from '../../tasks/lib/node/machine.ts'
import { wholeInput } from './whole-input.ts'

/** A machine whose files are this host's until it writes them: what it writes stays in a folder. Needs root. */
export interface BoxedMachine extends Machine {
  /** Runs a script that has to end well, and gives what it printed. */
  sh(script: string): Promise<string>
  /** What it was sent with each script, in bytes. */
  sent: number[]
}

/** Makes one; it has the programs of this host, and neither systemd nor a network of its own. */
export function boxedMachine(name: string, folder: string): BoxedMachine {
  const place = (part: string) => join(folder, name, part)
  for (const part of ['upper', 'work', 'root']) mkdirSync(place(part), { recursive: true })
  const overlay = `lowerdir=/,upperdir=${place('upper')},workdir=${place('work')}`
  const root = quote(place('root'))
  const enter = `mount -t overlay overlay -o ${quote(overlay)} ${root}
mount --bind /dev ${root}/dev && mount --bind /proc ${root}/proc && exec chroot ${root} sh -c "$0"`
  const sent: number[] = []
  const execute = async (script: string, options: ScriptOptions = {}) => {
    const { input, allowFailure, signal, title = 'script' } = options
    const bytes = await wholeInput(input)
    sent.push(bytes.length)
    const argv = ['unshare', '-m', 'sh', '-c', enter, `eval "$(head -c ${Buffer.byteLength(script)})"`]
    const done = await run(argv, {
      input: Buffer.concat([Buffer.from(script), bytes]),
      allowFailure: true,
      signal,
    })
    if (done.exitCode === 0 || allowFailure) return done
    throw new TaskError(`${name}: ${title} failed with exit code ${done.exitCode}\n${done.stderr.trimEnd()}`)
  }
  return {
    name,
    label: name,
    sent,
    run: execute,
    sh: async (script) => (await execute(`set -eu\n${script}`)).stdout,
  }
}
