import { execFile, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** One version of gpg, and where it can have its homes. */
export interface GpgProgram {
  /** What SOPS_GPG_EXEC names. */
  path: string
  gpgconf: string
  /** A folder whose files it sees; a home below it has to have a short path, for the agent's sockets. */
  homes: string
}

/** A gpg home of its own. */
export interface GpgHome {
  folder: string
  /** For programs that are to use it, and nothing else of the person who runs the test. */
  environment: Record<string, string>
  /** Runs gpg without questions; throws with what it said when it fails. */
  gpg(words: string[], options?: { input?: string | Uint8Array }): Buffer
  /** Ends its agent: what it knew is forgotten. */
  endAgent(): void
  /** Ends its agent and removes it. */
  remove(): Promise<void>
}

/** The gpg of this machine: 2.2 on Debian 12. */
const systemGpg: GpgProgram = { path: 'gpg', gpgconf: 'gpgconf', homes: tmpdir() }

export async function gpgHome(program: GpgProgram = systemGpg): Promise<GpgHome> {
  const folder = await mkdtemp(join(program.homes, 'gpg-'))
  await chmod(folder, 0o700)
  // The least that it takes: otherwise each passphrase costs a tenth of a second.
  await writeFile(join(folder, 'gpg-agent.conf'), 's2k-count 65536\n')
  const environment = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, 'config'),
    GNUPGHOME: folder,
    SOPS_GPG_EXEC: program.path,
  }
  const endAgent = () => void output([program.gpgconf, '--kill', 'all'], { env: environment })
  return {
    folder,
    environment,
    endAgent,
    gpg: (words, { input } = {}) =>
      output([program.path, '--batch', '--yes', ...words], { env: environment, input }),
    async remove() {
      endAgent()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The arguments to make a key with: gpg(quickKey('Ada <ada@example.org>', { algorithm: 'rsa3072' })). */
function quickKey(
  userId: string,
  { algorithm = 'default', usage = 'default', expires = 'never', passphrase = '' } = {},
): string[] {
  const silent = ['--pinentry-mode', 'loopback', '--passphrase', passphrase]
  return [...silent, '--quick-generate-key', userId, algorithm, usage, expires]
}

export interface KeyOptions {
  name: string
  primary?: string
  subkey?: string
  expires?: string
  passphrase?: string
  /** When it is made, for gpg: 20200102T000000. */
  at?: string
}

/** Options that let gpg believe it is another time. */
export function atTime(time: string): string[] {
  return ['--faked-system-time', `${time}!`]
}

/** Makes a key whose subkey is of another algorithm than the primary key; gives its fingerprint. */
export function makeKey(home: GpgHome, options: KeyOptions): string {
  const { name, primary = 'ed25519', subkey = 'cv25519', expires = 'never', passphrase = '', at } = options
  const time = at === undefined ? [] : atTime(at)
  const userId = `${name} <${name}@example.org>`
  home.gpg([...time, ...quickKey(userId, { algorithm: primary, usage: 'sign', expires, passphrase })])
  const fp = fingerprints(home, userId)[0]!
  const silent = ['--pinentry-mode', 'loopback', '--passphrase', passphrase]
  home.gpg([...time, ...silent, '--quick-add-key', fp, subkey, 'encrypt', expires])
  return fp
}

/** The fingerprints of a key with its subkeys, the primary one first. */
export function fingerprints(home: GpgHome, userId: string): string[] {
  const listed = home.gpg(['--with-colons', '--list-keys', userId]).toString()
  return listed
    .split('\n')
    .filter((line) => line.startsWith('fpr:'))
    .map((line) => line.split(':')[9]!)
}

/** gpg 2.4 of Debian 13 in a folder of its own, built once for this user; or why it cannot be had here. */
async function debian13Gpg(): Promise<GpgProgram | string> {
  if (process.getuid?.() !== 0) return 'a Debian 13 with gpg 2.4 can only be built and entered by root'
  const folder = join(homedir(), '.cache', 'metaltasks', 'test-programs')
  const root = join(folder, 'gnupg-trixie')
  if (!existsSync(root)) {
    if (!installed('debootstrap')) return 'debootstrap is not installed: apt install debootstrap'
    await mkdir(folder, { recursive: true })
    await buildDebian13(root)
  }
  const path = await entry(root, 'gpg')
  return { path, gpgconf: await entry(root, 'gpgconf'), homes: join(root, 'tmp') }
}

/** Both, as a table for describe.each; `missing` says why one is not there. */
export async function gpgVersions(): Promise<{ version: string; program: GpgProgram; missing?: string }[]> {
  const newer = await debian13Gpg()
  const missing = typeof newer === 'string' ? newer : undefined
  const program = typeof newer === 'string' ? systemGpg : newer
  const version = missing === undefined ? 'gpg of Debian 13' : `gpg of Debian 13 (${missing})`
  return [
    { version: 'gpg of this machine', program: systemGpg },
    { version, program, missing },
  ]
}

// A minute and 100 MB. Test files wait for one another, and a build that was stopped leaves no half of it.
async function buildDebian13(root: string): Promise<void> {
  const steps = [
    `[ ! -e '${root}' ] || exit 0`,
    `rm -rf '${root}.half'`,
    `debootstrap --variant=minbase --include=gnupg trixie '${root}.half' http://deb.debian.org/debian`,
    `cd '${root}.half'`,
    'rm -rf var/cache/apt/archives var/lib/apt/lists usr/share/doc usr/share/locale',
    `mv '${root}.half' '${root}'`,
  ]
  await promisify(execFile)('flock', [`${root}.lock`, 'sh', '-euc', steps.join('\n')])
}

// A script that looks like the program from outside. Inside, the home has the path that is left of it.
async function entry(root: string, program: string): Promise<string> {
  const file = `${root}-${program}`
  const script = `#!/bin/sh\nGNUPGHOME="\${GNUPGHOME#'${root}'}" exec chroot '${root}' /usr/bin/${program} "$@"\n`
  const half = `${file}.${randomUUID()}`
  await writeFile(half, script, { mode: 0o755 })
  await rename(half, file)
  return file
}

function installed(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined
}

function output(
  argv: string[],
  { env, input }: { env?: Record<string, string>; input?: string | Uint8Array } = {},
): Buffer {
  const { status, stdout, stderr, error } = spawnSync(argv[0]!, argv.slice(1), { env, input })
  if (status !== 0) throw new Error(`${argv.join(' ')}: ${error ?? stderr}`)
  return stdout
}
