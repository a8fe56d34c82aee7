import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { TaskError } from '../../cli/errors.ts'
import { runChild } from '../../cli/process/child.ts'
import { installHint } from '../../cli/process/install-hints.ts'
import { quoteAll } from '../../cli/process/quote.ts'
import type { SshClient } from './client.ts'
import type { SshHost } from './hosts.ts'
import type { HostKey } from './known-hosts.ts'

export interface ScanOptions {
  client: SshClient
  program: readonly string[]
  signal: AbortSignal
}

/** Where a host listens, the operator's own ssh settings included. */
export interface Login {
  address: string
  port: number
  user: string
  identities: string[]
}

/** What ssh would do to log in there. */
export async function readLogin(host: SshHost, { client }: Pick<ScanOptions, 'client'>): Promise<Login> {
  const { stdout } = await client.run(['-G', host.name])
  const values = (key: string) =>
    stdout
      .split('\n')
      .filter((line) => line.startsWith(`${key} `))
      .map((line) => line.slice(key.length + 1))
  const [address = host.name] = values('hostname')
  const [user = ''] = values('user')
  return { address, user, port: Number(values('port')[0] ?? 22), identities: values('identityfile') }
}

/** The keys that a host shows, unproven; none where it does not answer. */
export async function scanKeys(host: SshHost, options: ScanOptions): Promise<HostKey[]> {
  const { address, port } = await readLogin(host, options)
  if (!host.via) return keyscan({ address, port }, options)
  const tunnel = await openTunnel({ address, port, via: host.via }, options)
  try {
    return await keyscan({ address: '127.0.0.1', port: tunnel.port }, { ...options, isLocal: true })
  } finally {
    tunnel.close()
  }
}

const keyTypes = 'ed25519,ecdsa,rsa'

async function keyscan(
  { address, port }: { address: string; port: number },
  { client, program, signal, isLocal }: ScanOptions & { isLocal?: boolean },
): Promise<HostKey[]> {
  const prefix = isLocal ? [] : program.slice(0, -1)
  const scanner = program.at(-1)!.replace(/ssh$/, 'ssh-keyscan')
  const argv = [...prefix, scanner, '-T', '5', '-p', String(port), '-t', keyTypes, address]
  const { stdout, spawnError } = await runChild(
    { line: quoteAll(argv), argv, env: client.environment },
    { signal, timeoutSeconds: 30 },
  )
  signal.throwIfAborted()
  if (spawnError)
    throw new TaskError(`ssh-keyscan cannot start: ${spawnError.message}`, {
      hint: installHint('ssh-keyscan'),
    })
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([name, type, base64]) => name && !name.startsWith('#') && type && base64)
    .map(([, type, base64]) => ({ type: type!, base64: base64! }))
    .sort((one, other) => (one.type < other.type ? -1 : 1))
}

/** A port on loopback that leads to a host through another one: ssh-keyscan can only connect by itself. */
async function openTunnel(
  to: { address: string; port: number; via: string },
  { client }: ScanOptions,
): Promise<{ port: number; close(): void }> {
  const target = `${to.address.includes(':') ? `[${to.address}]` : to.address}:${to.port}`
  const [program, ...words] = await client.argv(['-W', target, to.via])
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    const child = spawn(program!, words, { env: client.environment, stdio: ['pipe', 'pipe', 'ignore'] })
    const end = () => {
      socket.destroy()
      child.kill()
    }
    for (const part of [socket, child, child.stdin, child.stdout]) part.on('error', end)
    socket.on('close', end)
    socket.pipe(child.stdin)
    child.stdout.pipe(socket)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
