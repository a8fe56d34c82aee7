import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { text } from 'node:stream/consumers'
import { environment } from '../../tasks/lib/config/environment.ts'

/** How a program is started. */
export interface ProgramOptions {
  cwd?: string
  env?: Record<string, string>
  input?: string
}

/** What it took. */
export interface Finished {
  seconds: number
  stdout: string
  stderr: string
}

/** Runs a program to its end and takes the time from the start to the end of the process; a failure is an error. */
export async function runProgram(command: string[], options: ProgramOptions = {}): Promise<Finished> {
  const [file, ...args] = command
  const { cwd = tmpdir(), env, input } = options
  const began = performance.now()
  const child = spawn(file!, args, { cwd, env: { ...quiet(), ...env } })
  const output = Promise.all([text(child.stdout), text(child.stderr)])
  child.stdin.on('error', () => {}).end(input ?? '')
  const exitCode = await new Promise((resolve, reject) => child.on('error', reject).on('exit', resolve))
  const seconds = (performance.now() - began) / 1000
  const [stdout, stderr] = await output
  if (exitCode !== 0) throw new Error(`${command.join(' ')} ended with ${exitCode}:\n${stderr || stdout}`)
  return { seconds, stdout, stderr }
}

// What decides what a program prints and where it reads its own settings.
function quiet(): Record<string, string> {
  const { PATH = '', HOME = '' } = environment()
  return { PATH, HOME, NO_COLOR: '1' }
}
