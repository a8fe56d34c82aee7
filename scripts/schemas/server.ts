import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Get } from './table.ts'

/** Starts etcd and kube-apiserver of a folder on loopback, hands over a reader, and stops both whatever happens. */
export async function withApiServer(binaries: string, use: (get: Get) => Promise<void>): Promise<void> {
  const state = mkdtempSync(join(tmpdir(), 'schemas-'))
  const started: ChildProcess[] = []
  try {
    const etcd = await startEtcd(binaries, state)
    started.push(etcd.process)
    const server = await startApiServer(binaries, { state, etcd: etcd.url })
    started.push(server.process)
    await untilReady(server.get, state)
    await use(server.get)
  } finally {
    for (const child of started.reverse()) await stop(child)
    rmSync(state, { recursive: true, force: true })
  }
}

async function startEtcd(binaries: string, state: string) {
  const [client, peer] = await Promise.all([freePort(), freePort()])
  const url = `http://127.0.0.1:${client}`
  const peerUrl = `http://127.0.0.1:${peer}`
  const options = [
    `--data-dir=${join(state, 'etcd')}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
  ]
  return { process: spawn(join(binaries, 'etcd'), options, { stdio: 'ignore' }), url }
}

async function startApiServer(binaries: string, { state, etcd }: { state: string; etcd: string }) {
  const port = await freePort()
  const token = randomBytes(16).toString('hex')
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  const file = (name: string, text: string) => {
    writeFileSync(join(state, name), text, { mode: 0o600 })
    return join(state, name)
  }
  const options = [
    `--etcd-servers=${etcd}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${state}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('sa.pub', publicKey)}`,
    `--service-account-signing-key-file=${file('sa.key', privateKey)}`,
    `--token-auth-file=${file('tokens.csv', `${token},admin,admin,system:masters\n`)}`,
    '--authorization-mode=RBAC',
    '--endpoint-reconciler-type=none',
  ]
  const child = spawn(join(binaries, 'kube-apiserver'), options, { stdio: 'ignore' })
  return { process: child, get: reader({ port, token, certificate: join(state, 'apiserver.crt') }) }
}

function reader(server: { port: number; token: string; certificate: string }): Get {
  return async (path) => {
    const asked = request({
      host: '127.0.0.1',
      port: server.port,
      path,
      ca: readFileSync(server.certificate),
      headers: { authorization: `Bearer ${server.token}` },
    })
    asked.end()
    const [answer] = await once(asked, 'response')
    const chunks: Buffer[] = []
    for await (const chunk of answer) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    if (answer.statusCode !== 200) throw new Error(`GET ${path}: ${answer.statusCode} ${text.slice(0, 200)}`)
    return text === 'ok' ? text : JSON.parse(text)
  }
}

async function untilReady(get: Get, state: string): Promise<void> {
  for (let attempt = 0; attempt < 120; attempt++) {
    const isReady = await get('/readyz').then(
      (answer) => answer === 'ok',
      () => false,
    )
    if (isReady) return
    await sleep(500)
  }
  throw new Error(`the API server did not become ready within a minute (state in ${state})`)
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}
