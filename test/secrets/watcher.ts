import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../support/cli.ts'

/** What a program and all its children did, by the kernel's word. */
export interface Watched {
  exitCode: number | null
  stdout: string
  stderr: string
  /** How many programs were started and how often something was written: none would mean that nothing was watched. */
  starts: number
  writes: number
  leaks: string[]
}

export interface WatchOptions {
  cwd: string
  env: Record<string, string>
  input?: string
  /** What must not be seen, in any of its forms. */
  secrets: string[]
  /** A word of the command line of the one program that may have them in its environment. */
  asked?: string
}

const calls =
  'execve,write,pwrite64,writev,pwritev,pwritev2,sendfile,copy_file_range,rename,renameat,renameat2,link,symlink,symlinkat'

/** Runs a program under strace and looks for secrets in arguments and environments, and in what is written to files. */
export async function watch(command: string[], options: WatchOptions): Promise<Watched> {
  const { cwd, env, input = '', secrets, asked } = options
  const log = join(temporaryFolder(), 'strace')
  const words = ['-f', '--seccomp-bpf', '-qq', '-y', '-v', '-s', '1000000', '-e', `trace=${calls}`, '-o', log]
  // Writes that the kernel makes for us by io_uring would not be seen.
  const child = spawn('strace', [...words, ...command], { cwd, env: { ...env, UV_USE_IO_URING: '0' } })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text) => {
      output[name] += text
    })
  child.stdin.on('error', () => {}).end(input)
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve)
  })
  const lines = readFileSync(log, 'latin1').split('\n')
  const forms = secrets.flatMap(formsOf)
  const count = (call: RegExp) => lines.filter((line) => call.test(line)).length
  const isAsked = (line: string) => asked !== undefined && /^\d+ +execve\(/.test(line) && line.includes(asked)
  return {
    exitCode,
    ...output,
    starts: count(/^\d+ +execve\(/),
    writes: count(/^\d+ +p?write/),
    leaks: lines.filter((line) => isObserved(line) && !isAsked(line) && holds(unescaped(line), forms)),
  }
}

/** Files below the folders that hold a secret in any of its forms. */
export function filesWith(secrets: string[], folders: string[]): string[] {
  const forms = secrets.flatMap(formsOf)
  return folders.flatMap((folder) => {
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path))
    const files = paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    return files.filter((path) => holds(readFileSync(path, 'latin1'), forms) || holds(path, forms))
  })
}

/** A text as it may show up: as it is, in base64 at each of three places, in URLs, in JSON, in hexadecimal. */
export function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const base64 = [0, 1, 2].flatMap((shift) => {
    const digits = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replaceAll('=', '')
    const own = digits.slice(shift === 0 ? 0 : shift + 1, -1)
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')]
  })
  const plain = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]
  return [...new Set([...plain.map(latin1), ...base64, bytes.toString('hex')])]
}

/** Whether any of the forms stands in a text whose characters are bytes. */
function holds(text: string, forms: string[]): boolean {
  return forms.some((form) => text.includes(form))
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}

// Pipes and sockets have no path, what is in memory may hold clear text, and stdout is where values are asked for.
function isObserved(line: string): boolean {
  const [, call, rest = ''] = /^\d+ +(\w+)\((.*)/.exec(line) ?? []
  if (call === undefined) return line !== '' && !/^\d+ (\+\+\+|---|<\.\.\.)/.test(line)
  if (!/write|sendfile|copy/.test(call)) return true
  const path = /^\d+<([^>]*)>/.exec(rest)?.[1]
  return path === undefined || (path.startsWith('/') && !/^\/(memfd:|dev\/)/.test(path))
}

const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', v: '\v', f: '\f', '"': '"', '\\': '\\' }

function unescaped(line: string): string {
  return line.replace(/\\([0-7]{1,3}|x[0-9a-f]{2}|.)/g, (_, code: string) => {
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8))
    if (/^x/.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16))
    return escapes[code] ?? code
  })
}
