import { spawn, spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { programFile, republishedSops } from './real-programs.ts'

/** The real programs, as absolute paths: sops as it is now and as it was, age and age-keygen. */
export const sops = programFile('sops')
export const sops312 = republishedSops
export const age = programFile('age')
export const ageKeygen = programFile('age-keygen')

/** How a program ended, and exactly what it wrote to stdout. */
export interface Ran {
  exitCode: number | null
  stdout: string
  bytes: Buffer
  stderr: string
}

export interface SopsOptions {
  /** Written to stdin. */
  input?: string | Uint8Array
  /** All that it sees of the environment besides PATH: no key of the person who runs the tests is at hand. */
  env?: Record<string, string>
  cwd?: string
  /** Another program than the newest sops. */
  program?: string
}

/** Runs the real sops to its end. */
export function runSops(args: string[], options: SopsOptions = {}): Promise<Ran> {
  const { input, env, cwd, program = sops } = options
  const child = spawn(program, args, { cwd, env: { ...noKeys, ...env } })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk) => stdout.push(chunk))
  child.stderr.on('data', (chunk) => stderr.push(chunk))
  child.stdin.on('error', () => {}).end(input ?? '')
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exitCode) => {
      const bytes = Buffer.concat(stdout)
      resolve({ exitCode, bytes, stdout: bytes.toString(), stderr: Buffer.concat(stderr).toString() })
    })
  })
}

/** The bytes that sops writes to stdout. Throws where it fails. */
export async function sopsOutput(args: string[], options: SopsOptions = {}): Promise<Buffer> {
  const { exitCode, bytes, stderr } = await runSops(args, options)
  if (exitCode !== 0) throw new Error(`sops ${args.join(' ')} ended with ${exitCode}: ${stderr}`)
  return bytes
}

/** A new age key of the real age-keygen: X25519, or post-quantum. */
export function freshAgeKey({ postQuantum = false } = {}): { recipient: string; identity: string } {
  const { stdout, stderr, status } = spawnSync(ageKeygen, postQuantum ? ['-pq'] : [], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  const recipient = stdout.match(/public key: (\S+)/)![1]!
  return { recipient, identity: stdout.match(/^AGE-SECRET-KEY-\S+/m)![0] }
}

/** An environment in which no key is found, whoever runs the tests. */
export const noKeys: Readonly<Record<string, string>> = {
  PATH: process.env.PATH ?? '',
  HOME: join(tmpdir(), 'metaltasks-no-home'),
  GNUPGHOME: join(tmpdir(), 'metaltasks-no-home', '.gnupg'),
  XDG_CONFIG_HOME: join(tmpdir(), 'metaltasks-no-home', '.config'),
  SOPS_DISABLE_VERSION_CHECK: '1',
}
