import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster, Config, Role } from '../../tasks/lib/config/model.ts'
import { testConfig } from './config.ts'

/** Real SSH servers on loopback, with keys of their own; this host stands behind all of them. Needs root. */
export interface SshServers {
  servers: SshServer[]
  /** Project root with a known_hosts of all servers. */
  root: string
  /** Private key that may log in. */
  identity: string
  /** A configuration whose nodes are the servers. */
  config(cluster?: Partial<Cluster>): Config
  /** The same as the text of a cluster.yaml. */
  clusterFile(): string
  close(): Promise<void>
}

export interface SshServer {
  name: string
  /** Each its own: 127.0.0.11 and so on. */
  address: string
  port: number
  /** The line that pins it. */
  pinned(): string
  /** What it logged. */
  log(): string
  /** How often somebody logged in. */
  logins(): number
  stop(): Promise<void>
  start(): Promise<void>
  /** Ends every connection at once, as a network does. */
  cut(): void
  /** A new host key, as after a new installation. */
  renewKey(): Promise<void>
}

export interface SshServerOptions {
  /** Put into each sshd_config. */
  lines?: string[]
  /** Each sees its own processes only, as a machine does; all of them end with it. */
  ownProcesses?: boolean
}

/** Starts so many, named kube1 and so on. */
export async function startSshServers(count: number, options: SshServerOptions = {}): Promise<SshServers> {
  const folder = mkdtempSync(join(tmpdir(), 'metaltasks-sshd-'))
  // sshd keeps away from keys that others could write.
  chmodSync(folder, 0o755)
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  makeKey(join(folder, 'id'))
  const names = Array.from({ length: count }, (_, index) => `kube${index + 1}`)
  const servers = await Promise.all(
    names.map((name, index) => startServer({ name, address: `127.0.0.${11 + index}`, folder, ...options })),
  )
  const identity = join(folder, 'id')
  writeFileSync(join(folder, 'known_hosts'), servers.map((server) => server.pinned()).join(''))
  return {
    servers,
    identity,
    root: folder,
    config: (cluster = {}) => ({
      ...testConfig(folder, {
        nodes: servers.map(nodeOf),
        ssh: { parallel: 20, user: 'root', identity },
        ...cluster,
      }),
      configured: true,
    }),
    clusterFile: () => clusterFile(servers, identity),
    async close() {
      await Promise.all(servers.map((server) => server.stop()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function nodeOf({ name, address, port }: SshServer, index: number): Cluster['nodes'][number] {
  return { name, address, port, roles: rolesOf(index), labels: {}, taints: [], volumes: [] }
}

function clusterFile(servers: SshServer[], identity: string): string {
  const nodes = servers.map(
    ({ name, address, port }, index) =>
      `  - { name: ${name}, address: ${address}, port: ${port}, roles: [${rolesOf(index)}] }`,
  )
  return ['name: test', `ssh: { user: root, identity: ${identity} }`, 'nodes:', ...nodes, ''].join('\n')
}

function rolesOf(index: number): Role[] {
  return index === 0 ? ['control-plane'] : ['worker']
}

interface Given extends SshServerOptions {
  name: string
  address: string
  folder: string
}

async function startServer({ name, address, folder, lines = [], ownProcesses }: Given): Promise<SshServer> {
  const file = (ending: string) => join(folder, `${name}.${ending}`)
  const port = await freePort(address)
  const settings = [
    `Port ${port}`,
    `ListenAddress ${address}`,
    `HostKey ${file('key')}`,
    `AuthorizedKeysFile ${join(folder, 'id.pub')}`,
    `PidFile none`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'LogLevel VERBOSE',
    ...lines,
  ]
  writeFileSync(file('config'), `${settings.join('\n')}\n`)
  makeKey(file('key'))
  let child: ChildProcess | undefined
  const log = () => readFileSync(file('log'), 'utf8')
  const server: SshServer = {
    name,
    address,
    port,
    pinned: () =>
      `${name} ${readFileSync(`${file('key')}.pub`, 'utf8')
        .split(' ')
        .slice(0, 2)
        .join(' ')}\n`,
    log,
    logins: () => log().match(/Accepted publickey/g)?.length ?? 0,
    async stop() {
      if (!child) return
      const gone = new Promise((resolve) => child!.once('close', resolve))
      child.kill(ownProcesses ? 'SIGKILL' : 'SIGTERM')
      await gone
      child = undefined
    },
    async start() {
      const own = ownProcesses ? ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'] : []
      const [program, ...words] = [...own, '/usr/sbin/sshd', '-D', '-f', file('config'), '-E', file('log')]
      child = spawn(program!, words, { stdio: 'ignore' })
      await waitForLine(file('log'), `port ${port}.`)
    },
    cut() {
      const { stdout } = spawnSync('pgrep', ['-P', String(child!.pid)])
      for (const pid of stdout.toString().split('\n').filter(Boolean)) process.kill(Number(pid), 'SIGKILL')
    },
    async renewKey() {
      await server.stop()
      makeKey(file('key'))
      await server.start()
    },
  }
  await server.start()
  return server
}

function makeKey(file: string): void {
  rmSync(file, { force: true })
  const { status, error } = spawnSync('ssh-keygen', [
    '-q',
    '-t',
    'ed25519',
    '-N',
    '',
    '-C',
    'test',
    '-f',
    file,
  ])
  if (status !== 0) throw error ?? new Error('ssh-keygen failed')
}

async function waitForLine(file: string, text: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const log = spawnSync('cat', [file]).stdout.toString()
    if (log.slice(log.lastIndexOf('Server listening')).includes(text)) return
    await sleep(25)
  }
  throw new Error(`sshd did not start: apt install openssh-server; ${file}`)
}

const givenPorts = new Set<number>()

/** A port that nobody has, and that was not given away before: who got it may listen later. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = await portOfNobody(address)
    if (givenPorts.has(port)) continue
    givenPorts.add(port)
    return port
  }
}

function portOfNobody(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, address, () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
