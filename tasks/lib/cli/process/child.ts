import { type ChildProcess, spawn } from 'node:child_process'
import { Readable } from 'node:stream'
import { type ProcessGroup, processGroup, type StopReason } from './process-group.ts'
import { quote } from './quote.ts'

export interface ChildLimits {
  /** After it the whole process group gets SIGTERM. */
  timeoutSeconds?: number
  /** From SIGTERM to SIGKILL: 5. */
  killAfterSeconds?: number
  /** Stops the process group when aborted. */
  signal?: AbortSignal
  /** More than this on stdout or stderr stops it: 64 MiB. */
  maxOutputBytes?: number
  /** Hears each chunk of stdout and stderr as it comes. */
  onOutput?(text: string): void
}

/** The words that are executed, no shell between, and the same as a line. */
export interface ChildCommand {
  line: string
  argv: readonly string[]
  env: Record<string, string>
  cwd?: string
  input?: string | Buffer | Readable
}

export interface Finished {
  stdout: string
  stderr: string
  /** null when a signal ended it. */
  exitCode: number | null
  signal: NodeJS.Signals | null
  seconds: number
  /** Why we stopped it. */
  stopped?: StopReason
  spawnError?: NodeJS.ErrnoException
}

/** Runs a child in a process group of its own, through zx, and waits for its end. Never throws for what it does. */
export async function runChild(command: ChildCommand, limits: ChildLimits): Promise<Finished> {
  const { $ } = await import('zx/core')
  let watch: Watch | undefined
  const start: typeof spawn = ((_line: string, _words: string[], options: object) => {
    const [program, ...words] = command.argv
    const child = spawn(program!, words, { ...options, shell: false })
    watch = watchChild(child, limits)
    return child
  }) as typeof spawn
  const output = await $({ ...zxOptions(command), spawn: start })([
    command.line,
  ] as unknown as TemplateStringsArray)
  watch?.end()
  const { stdout = '', stderr = '', stopped } = watch?.result() ?? {}
  const spawnError = (output.cause ?? undefined) as NodeJS.ErrnoException | undefined
  const { exitCode, signal } = output
  return { stdout, stderr, exitCode, signal, seconds: output.duration / 1000, stopped, spawnError }
}

// zx decodes each chunk on its own, which breaks characters that lie across two: we keep the bytes ourselves.
const forgetful = { length: 0, push: () => {}, join: () => '' } as unknown as string[]

// All of zx's own conveniences are off: ZX_ variables and its defaults must not change what runs.
function zxOptions({ env, cwd, input }: ChildCommand) {
  const hasInput = input instanceof Readable || (input !== undefined && input.length > 0)
  const stdin = hasInput ? ('pipe' as const) : ('ignore' as const)
  return {
    shell: '/bin/sh',
    prefix: '',
    postfix: '',
    quote,
    env,
    cwd: cwd ?? process.cwd(),
    input,
    stdio: [stdin, 'pipe' as const, 'pipe' as const] as ['pipe' | 'ignore', 'pipe', 'pipe'],
    nothrow: true,
    quiet: true,
    verbose: false,
    detached: true,
    preferLocal: false,
    timeout: undefined,
    log: () => {},
    store: { stdout: forgetful, stderr: forgetful, stdall: forgetful },
  }
}

interface Watch {
  end(): void
  result(): { stdout: string; stderr: string; stopped?: StopReason }
}

function watchChild(child: ChildProcess, limits: ChildLimits): Watch {
  const group = processGroup(child, (limits.killAfterSeconds ?? 5) * 1000)
  const stdout = collect(child.stdout, { limits, group })
  const stderr = collect(child.stderr, { limits, group })
  // A program that does not read its input to the end is no error of ours.
  child.stdin?.on('error', () => {})
  const { timeoutSeconds, signal } = limits
  const timer = timeoutSeconds && setTimeout(() => group.stop('time'), timeoutSeconds * 1000)
  const onAbort = () => group.stop('signal')
  signal?.addEventListener('abort', onAbort, { once: true })
  return {
    end() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      group.ended()
    },
    result: () => ({ stdout: stdout(), stderr: stderr(), stopped: group.stopped() }),
  }
}

function collect(
  stream: ChildProcess['stdout'],
  { limits, group }: { limits: ChildLimits; group: ProcessGroup },
): () => string {
  const max = limits.maxOutputBytes ?? 64 * 1024 * 1024
  const chunks: Buffer[] = []
  const decoder = new TextDecoder()
  let bytes = 0
  stream?.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > max) return group.stop('output')
    chunks.push(chunk)
    limits.onOutput?.(decoder.decode(chunk, { stream: true }))
  })
  return () => Buffer.concat(chunks).toString()
}
