import { spawn } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { announceCommand } from '../../../cli/process/command-log.ts'
import { installHint } from '../../../cli/process/install-hints.ts'
import { quoteAll } from '../../../cli/process/quote.ts'
import { KeyError, type KeyPlaces } from '../key-source.ts'

/** What gpg did. `status` are the lines of --status-fd, the only ones that are the same in every language. */
export interface GpgResult {
  exitCode: number | null
  stdout: Buffer
  status: string[][]
  /** What gpg said to people. */
  said: string
}

export interface GpgInput {
  /** For stdin. */
  input?: string | Uint8Array
  /** For the key, where gpg's own way to ask for it does not work. */
  passphrase?: string
}

/** Runs gpg: data by stdin and stdout, a passphrase by a pipe of its own. Throws a KeyError where it does not start. */
export async function runGpg(
  words: string[],
  { places, input = '', passphrase }: GpgInput & { places: KeyPlaces },
): Promise<GpgResult> {
  const { signal } = places
  const program = places.environment.SOPS_GPG_EXEC || 'gpg'
  const loopback = passphrase === undefined ? [] : ['--pinentry-mode', 'loopback', '--passphrase-fd', '3']
  const argv = ['--status-fd', '2', ...loopback, ...words]
  announceCommand(`$ ${quoteAll([program, ...argv])}`)
  signal?.throwIfAborted()
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv, { env: gpgEnvironment(places), signal, stdio: Array(4).fill('pipe') })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout!.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr!.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', (error: NodeJS.ErrnoException) => reject(startError(error, { program, signal })))
    child.on('close', (exitCode) =>
      resolve({
        exitCode,
        stdout: Buffer.concat(stdout),
        ...statusAndText(Buffer.concat(stderr).toString()),
      }),
    )
    feed(child.stdin, input)
    feed(child.stdio[3], passphrase === undefined ? '' : `${passphrase}\n`)
  })
}

// gpg may end before it has read everything: that is told by its exit code.
function feed(stream: unknown, input: string | Uint8Array): void {
  const pipe = stream as NodeJS.WritableStream
  pipe.on('error', () => {})
  pipe.end(input)
}

function startError(
  error: NodeJS.ErrnoException,
  { program, signal }: { program: string; signal: AbortSignal | undefined },
): unknown {
  if (signal?.aborted) return signal.reason
  const message =
    error.code === 'ENOENT' ? `${program} is not installed` : `${program} cannot start: ${error.code}`
  return new KeyError(message, { hint: installHint(program), cause: error })
}

function statusAndText(stderr: string): { status: string[][]; said: string } {
  const mark = '[GNUPG:] '
  const lines = stderr.split(/\r?\n/).filter((line) => line !== '')
  const status = lines
    .filter((line) => line.startsWith(mark))
    .map((line) => line.slice(mark.length).split(' '))
  const text = lines.filter((line) => !line.startsWith(mark)).map((line) => line.replace(/^gpg: /, ''))
  return { status, said: text.join('; ') }
}

/** What gpg, its agent and a pinentry need to know to find each other and the person. */
const passedOn = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'GNUPGHOME', 'XDG_RUNTIME_DIR', 'LANG', 'TERM'],
  ...['GPG_AGENT_INFO', 'PINENTRY_USER_DATA', 'DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY'],
  ...['DBUS_SESSION_BUS_ADDRESS', 'QUBES_GPG_DOMAIN', 'SYSTEMROOT', 'APPDATA', 'USERPROFILE'],
]

// Its texts in English; but LC_ALL would also tell the pinentry that passphrases are ASCII.
function gpgEnvironment({ environment }: KeyPlaces): Record<string, string> {
  const { LC_ALL, LC_CTYPE, LANG, GPG_TTY = terminalName() } = environment
  const passed = Object.fromEntries(passedOn.map((name) => [name, environment[name]]))
  const wanted = { ...passed, GPG_TTY, LC_CTYPE: LC_ALL || LC_CTYPE || LANG, LC_MESSAGES: 'C', LANGUAGE: 'C' }
  return Object.fromEntries(
    Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

// gpg looks at its stdin, which is a pipe of ours: without this the pinentry has no terminal unless GPG_TTY is set.
function terminalName(): string | undefined {
  if (!process.stdin.isTTY) return undefined
  try {
    return readlinkSync('/proc/self/fd/0')
  } catch {
    return undefined
  }
}
