import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ApiClient, connect } from '../../tasks/lib/api/client.ts'
import type { EncryptionServer } from '../../tasks/lib/cluster/encryption/server.ts'
import { type Certificates, createCertificates } from '../../tasks/lib/sandbox/control-plane/certificates.ts'
import { kubeconfigText } from '../../tasks/lib/sandbox/control-plane/kubeconfig.ts'
import { freePorts } from '../../tasks/lib/sandbox/control-plane/ports.ts'
import { ensurePrograms } from '../../tasks/lib/sandbox/programs/programs.ts'
import { localMachine } from './local-machine.ts'
import { nodeProgram } from './node-software-programs.ts'

/** Real API servers on one real etcd, all on loopback, each with an encryption configuration of its own. */
export interface ApiServers {
  servers: EncryptionServer[]
  /** One for each server. */
  clients: ApiClient[]
  /** Servers that begin anew when their file changes, as a static pod would; false: they stay with what they have. */
  follow(isFollowing: boolean): void
  stop(): Promise<void>
}

/** Starts them, with `more` arguments. With `reloads` they look at their files themselves, once a minute; else they are started anew. */
export async function startApiServers(
  names: string[],
  { encryption, reloads = false, more = [] }: { encryption: string; reloads?: boolean; more?: string[] },
): Promise<ApiServers> {
  const folder = await mkdtemp(join(tmpdir(), 'metaltasks-'))
  const bed = await prepare(folder)
  const etcdPorts = await freePorts()
  const processes = new Map<string, ChildProcess>()
  const etcd = startProgram(bed.programs.etcd, etcdArguments(folder, etcdPorts), join(folder, 'etcd.log'))
  processes.set('etcd', await etcd)
  const all = await Promise.all(
    names.map(async (name) => {
      const at = join(folder, name)
      await mkdir(at)
      await writeFile(join(at, 'encryption.yaml'), encryption)
      return { name, at, port: (await freePorts()).api }
    }),
  )
  const start = async ({ name, at, port }: (typeof all)[number]) => {
    const words = apiServerArguments({ folder, at, port, etcd: etcdPorts.etcd, reloads })
    const all = [...words, ...more]
    processes.set(name, await startProgram(bed.programs.apiServer, all, join(at, 'log')))
  }
  const clients: ApiClient[] = []
  for (const one of all) {
    await start(one)
    const text = kubeconfigText(`https://127.0.0.1:${one.port}`, access(bed.certificates))
    await writeFile(join(one.at, 'kubeconfig'), text, { mode: 0o600 })
    clients.push(await connect({ text, title: one.name }))
    await untilReady(clients.at(-1)!)
  }
  const follower = follow(all, {
    restart: async (one) => restart(processes.get(one.name)!, () => start(one)),
  })
  const etcdWords = etcdctlWords(bed.programs.etcdctl, { folder, port: etcdPorts.etcd })
  const servers = all.map(({ name, at }) => ({
    name,
    machine: localMachine(name),
    file: join(at, 'encryption.yaml'),
    programs: `api() { ${bed.programs.kubectl} --kubeconfig ${at}/kubeconfig "$@"; }\netcd() { ${etcdWords} "$@"; }`,
  }))
  return {
    ...{ servers, clients },
    follow(isFollowing) {
      follower.isFollowing = isFollowing
    },
    async stop() {
      await follower.end()
      for (const client of clients) client.close()
      await Promise.all([...processes.values()].map((process) => end(process, 'SIGKILL')))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function prepare(folder: string) {
  const progress = { signal: new AbortController().signal, say: () => {} }
  const programs = await ensurePrograms(['etcd', 'kube-apiserver', 'kubectl'], progress)
  const etcdctl = await nodeProgram('etcd', { goPackage: 'go.etcd.io/etcd/etcdctl/v3', program: 'etcdctl' })
  const certificates = await createCertificates('10.96.0.1')
  const { authority, apiServer, etcd, serviceAccount } = certificates
  const files = {
    ...{
      'ca.crt': authority.certificate,
      'sa.pub': serviceAccount.publicKey,
      'sa.key': serviceAccount.privateKey,
    },
    ...{ 'api.crt': apiServer.certificate, 'api.key': apiServer.key },
    ...{ 'etcd.crt': etcd.certificate, 'etcd.key': etcd.key },
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o600 })
  return {
    certificates,
    programs: {
      etcd: programs.get('etcd')!,
      apiServer: programs.get('kube-apiserver')!,
      kubectl: programs.get('kubectl')!,
      etcdctl,
    },
  }
}

function access({ authority, admin }: Certificates) {
  return { authority: authority.certificate, client: admin }
}

function etcdArguments(folder: string, { etcd, etcdPeer }: { etcd: number; etcdPeer: number }): string[] {
  const [client, peer] = [`https://127.0.0.1:${etcd}`, `http://127.0.0.1:${etcdPeer}`]
  return [
    ...['--name=bed', `--data-dir=${folder}/etcd`, '--unsafe-no-fsync=true', '--log-level=warn'],
    ...[`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`],
    ...[
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=bed=${peer}`,
    ],
    ...['--client-cert-auth=true', `--trusted-ca-file=${folder}/ca.crt`],
    ...[`--cert-file=${folder}/etcd.crt`, `--key-file=${folder}/etcd.key`],
  ]
}

interface Instance {
  folder: string
  at: string
  port: number
  etcd: number
  reloads: boolean
}

function apiServerArguments({ folder, at, port, etcd, reloads }: Instance): string[] {
  return [
    ...['--bind-address=127.0.0.1', '--advertise-address=127.0.0.1', `--secure-port=${port}`],
    ...['--endpoint-reconciler-type=none', `--etcd-servers=https://127.0.0.1:${etcd}`],
    ...[
      `--etcd-cafile=${folder}/ca.crt`,
      `--etcd-certfile=${folder}/etcd.crt`,
      `--etcd-keyfile=${folder}/etcd.key`,
    ],
    ...[`--client-ca-file=${folder}/ca.crt`, `--tls-cert-file=${folder}/api.crt`],
    ...[`--tls-private-key-file=${folder}/api.key`, '--authorization-mode=RBAC'],
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    ...[`--service-account-key-file=${folder}/sa.pub`, `--service-account-signing-key-file=${folder}/sa.key`],
    ...['--service-cluster-ip-range=10.96.0.0/12', '--disable-admission-plugins=ServiceAccount'],
    // What they read comes from etcd, not from what they remember.
    '--watch-cache=false',
    `--encryption-provider-config=${at}/encryption.yaml`,
    `--encryption-provider-config-automatic-reload=${reloads}`,
  ]
}

function etcdctlWords(program: string, { folder, port }: { folder: string; port: number }): string {
  const files = `--cacert ${folder}/ca.crt --cert ${folder}/etcd.crt --key ${folder}/etcd.key`
  return `${program} --endpoints https://127.0.0.1:${port} ${files}`
}

async function startProgram(program: string, words: string[], log: string): Promise<ChildProcess> {
  const file = await open(log, 'a')
  const child = spawn(program, words, { stdio: ['ignore', file.fd, file.fd] })
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
  await file.close()
  return child
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  await gone
}

async function restart(child: ChildProcess, start: () => Promise<void>): Promise<void> {
  await end(child, 'SIGKILL')
  await start()
}

/** Until a server says that it is ready; a minute and a half on a busy host. */
async function untilReady(client: ApiClient): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const answer = await client.request('GET', '/readyz', { accept: '*/*' }).catch(() => undefined)
    if (answer !== undefined) return
    await sleep(300)
  }
  throw new Error(`${client.server} has not become ready`)
}

function follow<T extends { at: string }>(all: T[], { restart }: { restart: (one: T) => Promise<void> }) {
  const stop = new AbortController()
  const follower = { isFollowing: true, end: async () => {} }
  const watch = async (one: T) => {
    let known = await readFile(join(one.at, 'encryption.yaml'), 'utf8')
    while (!stop.signal.aborted) {
      await sleep(200, undefined, { signal: stop.signal }).catch(() => {})
      const text = await readFile(join(one.at, 'encryption.yaml'), 'utf8')
      if (stop.signal.aborted || !follower.isFollowing || text === known) continue
      known = text
      await restart(one)
    }
  }
  const watching = Promise.all(all.map(watch))
  follower.end = async () => {
    stop.abort()
    await watching
  }
  return follower
}
