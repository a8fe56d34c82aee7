import { spawn } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { childEnvironment } from '../../../cli/process/child-environment.ts'
import { installHint } from '../../../cli/process/install-hints.ts'
import { KeyError, type KeyPlaces } from '../key-source.ts'
import type { Address } from './grpc.ts'

// The shell waits until our end of its stdin closes, which happens however we end, then ends sops and removes the
// folder. Only sops holds stdout: it closes when sops ends. Both stay in our session, so that a plugin may ask for a PIN.
const script = `
trap '' INT
command -v "$0" >/dev/null || { rmdir "$1"; exit 127; }
"$0" keyservice --network unix --address "$1/socket" &
exec >&2
read -r _
kill $! 2>/dev/null
rm -rf "$1"
`
const startSeconds = 10

const started = new WeakMap<KeyPlaces, Promise<Address>>()

/** The key service of `sops` itself, started when it is first needed, and once for each run. Throws a KeyError. */
export function localService(places: KeyPlaces): Promise<Address> {
  const service = started.get(places) ?? startService(places)
  started.set(places, service)
  return service
}

async function startService({ environment, signal }: KeyPlaces): Promise<Address> {
  // The folder is 0700: the socket asks nobody who they are.
  const folder = await mkdtemp(join(environment.TMPDIR || tmpdir(), 'sops-'))
  const env = childEnvironment({ ...environment, SOPS_AGE_KEY: pluginIdentities(environment.SOPS_AGE_KEY) })
  const child = spawn('/bin/sh', ['-c', script, 'sops', folder], { env, stdio: 'pipe' })
  const words: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => words.push(chunk))
  const ended = new Promise<void>((resolve) => child.stdout.on('close', resolve).resume())
  const missing = new Promise<boolean>((resolve) => child.on('close', (code) => resolve(code === 127)))
  child.on('error', () => {})
  child.stdin.on('error', () => {})
  signal?.addEventListener('abort', () => child.stdin.end(), { once: true })
  child.unref()
  for (const stream of [child.stdin, child.stdout, child.stderr]) unref(stream)
  const address = { path: join(folder, 'socket') }
  if (await answers(address, ended)) return address
  child.stdin.end()
  throw (await missing) ? notInstalled() : notStarted(Buffer.concat(words).toString())
}

// What waits for us must not keep us from ending.
function unref(stream: Readable | Writable): void {
  ;(stream as Socket).unref()
}

/** Whether a service comes to listen there before it ends. */
async function answers(address: { path: string }, ended: Promise<void>): Promise<boolean> {
  let gone = false
  void ended.then(() => {
    gone = true
  })
  const until = Date.now() + startSeconds * 1000
  while (!gone && Date.now() < until) {
    if (await listens(address)) return true
    await sleep(10)
  }
  return false
}

function listens(address: { path: string }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address)
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}

// A plugin's identity names its device. The others stay with us: native keys never need the service.
function pluginIdentities(text: string | undefined): string | undefined {
  const words = text?.split(/\s+/).filter((word) => word.startsWith('AGE-PLUGIN-')) ?? []
  return words.length > 0 ? words.join('\n') : undefined
}

function notInstalled(): KeyError {
  return new KeyError('it needs the program sops, which is not installed', { hint: installHint('sops') })
}

function notStarted(words: string): KeyError {
  const last = words.trim().split('\n').at(-1)
  return new KeyError(`sops keyservice does not start${last ? `: ${last}` : ''}`, {
    hint: 'try it by hand: sops keyservice',
  })
}
