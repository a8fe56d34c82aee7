import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TaskError } from '../../tasks/lib/cli/errors.ts'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import type { Machine } from '../../tasks/lib/node/machine.ts'

/** This host as a machine with mounts of its own: /etc, /var/lib and /usr/local/sbin are its own to change. Needs root. */
export interface OwnRoot {
  machine: Machine
  /** Runs a command there, and gives what it printed. */
  sh(script: string): Promise<string>
  close(): Promise<void>
}

/** Starts one; what is done to those folders is gone with it. */
export async function startOwnRoot(name: string): Promise<OwnRoot> {
  const folder = mkdtempSync(join(tmpdir(), 'metaltasks-root-'))
  const setUp = [
    'set -e',
    `mount -t tmpfs tmpfs ${folder}`,
    ...['/etc', '/var/lib', '/usr/local/sbin'].flatMap((path, index) => [
      `mkdir ${folder}/upper${index} ${folder}/work${index}`,
      `mount -t overlay overlay -o lowerdir=${path},upperdir=${folder}/upper${index},workdir=${folder}/work${index} ${path}`,
    ]),
    'echo ready',
    'exec sleep infinity',
  ].join('\n')
  const words = ['--mount', '--propagation', 'private', 'sh', '-c', setUp]
  const holder = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once('data', () => resolve())
    holder.once('close', () => reject(new Error('no mounts of its own: not root?')))
  })
  const machine = insideOf(holder.pid!, name)
  return {
    machine,
    sh: async (script) => (await machine.run(script)).stdout,
    async close() {
      const gone = new Promise((resolve) => holder.once('close', resolve))
      holder.kill('SIGKILL')
      await gone
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function insideOf(pid: number, name: string): Machine {
  return {
    name,
    label: name,
    async run(script, { input = '', allowFailure, title = 'script' } = {}) {
      const bytes = Buffer.concat([Buffer.from(script), Buffer.from(input as string)])
      const shell = `eval "$(head -c ${Buffer.byteLength(script)})"`
      const argv = ['nsenter', '--mount', '--target', String(pid), 'sh', '-c', shell]
      const done = await run(argv, { input: bytes, allowFailure: true })
      if (done.exitCode === 0 || allowFailure) return done
      throw new TaskError(
        `${name}: ${title} failed with exit code ${done.exitCode}\n${done.stderr.trimEnd()}`,
      )
    },
  }
}
