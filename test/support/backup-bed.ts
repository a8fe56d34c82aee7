import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { run as runProgram } from '../../tasks/lib/cli/process/shell.ts'
import type { BackupPaths } from '../../tasks/lib/node/etcd-backup/paths.ts'
import { backupProgram } from '../../tasks/lib/node/etcd-backup/program.ts'
import { type BackupPlaceSettings, settingsFiles } from '../../tasks/lib/node/etcd-backup/settings.ts'
import { createCertificates } from '../../tasks/lib/sandbox/control-plane/certificates.ts'
import { type Ran, run } from './cli.ts'
import { etcdPrograms } from './node-software-releases.ts'
import { programFile } from './real-programs.ts'
import { freePort } from './sshd.ts'

/** A control plane's files in a folder of this host, with a real etcd behind them and the program that backs it up. */
export interface BackupBed {
  root: string
  paths: BackupPaths
  /** Of the identity that opens its sets, and the file it is in. */
  recipient: string
  identityFile: string
  etcdctl(...words: string[]): Promise<string>
  program(...words: string[]): Promise<Ran>
  /** Writes the settings anew. */
  configure(settings: { keep?: number; places?: BackupPlaceSettings[]; recipient?: string }): void
  /** Stands in for a program of the machine: sh text. */
  standIn(name: string, text: string): void
  /** The real program again. */
  restoreProgram(name: string): void
  stopEtcd(): Promise<void>
  startEtcd(): Promise<void>
  close(): Promise<void>
}

export const testUid = '3f0c5b1e-7d3a-4c55-9a43-0c9a6fb8f1aa'

/** Makes it: cluster "home", control plane "kube1". */
export async function backupBed(): Promise<BackupBed> {
  const root = mkdtempSync(join(tmpdir(), 'metaltasks-backup-'))
  const at = (name: string) => join(root, name)
  const paths: BackupPaths = {
    program: at('metaltasks-backup'),
    settings: at('settings'),
    state: at('state'),
    kubernetes: at('kubernetes'),
    search: `${at('bin')}:/usr/sbin:/usr/bin:/sbin:/bin`,
  }
  const programs: Record<string, string> = { ...(await etcdPrograms()), age: programFile('age') }
  mkdirSync(at('bin'))
  const link = (name: string) => symlinkSync(programs[name]!, join(at('bin'), name))
  for (const name of Object.keys(programs)) link(name)
  writeFileSync(paths.program, backupProgram(paths), { mode: 0o755 })
  const { identity, recipient } = await newIdentity()
  writeFileSync(at('identity'), identity, { mode: 0o600 })
  const ports = { client: await freePort(), peer: await freePort() }
  await writeKubernetes(paths.kubernetes, ports.client)
  const etcd = etcdProcess(root, { program: programs.etcd!, ports, pki: join(paths.kubernetes, 'pki') })
  await etcd.start()
  const etcdctl = async (...words: string[]) => {
    const argv = [programs.etcdctl!, ...etcdctlFlags(paths.kubernetes, ports.client), ...words]
    return (await runProgram(argv)).stdout
  }
  const bed: BackupBed = {
    ...{ root, paths, recipient, identityFile: at('identity'), etcdctl },
    program: (...words) => run(paths.program, words),
    configure({ keep = 3, places = [], recipient: other = recipient }) {
      rmSync(paths.settings, { recursive: true, force: true })
      const files = settingsFiles({ cluster: 'home', host: 'kube1', keep, recipients: [other], places })
      for (const { path, content, mode } of files(paths.settings))
        write(path, content, Number.parseInt(mode, 8))
    },
    standIn(name, text) {
      rmSync(join(at('bin'), name), { force: true })
      write(join(at('bin'), name), `#!/bin/sh\n${text}\n`, 0o755)
    },
    restoreProgram(name) {
      rmSync(join(at('bin'), name), { force: true })
      if (programs[name]) link(name)
    },
    stopEtcd: etcd.stop,
    startEtcd: etcd.start,
    async close() {
      await etcd.stop()
      rmSync(root, { recursive: true, force: true })
    },
  }
  bed.configure({})
  // What an API server's namespace looks like from afar: a name, then the UID, in protobuf.
  await etcdctl('put', '/registry/namespaces/kube-system', `k8s\n\vkube-system\u0012*$${testUid}2`)
  for (let index = 0; index < 20; index++)
    await etcdctl('put', `/registry/configmaps/default/c${index}`, `value ${index}`)
  return bed
}

async function newIdentity(): Promise<{ identity: string; recipient: string }> {
  const { stdout } = await runProgram([programFile('age-keygen')])
  return { identity: stdout, recipient: /age1\w+/.exec(stdout)![0] }
}

async function writeKubernetes(folder: string, clientPort: number): Promise<void> {
  const { authority, etcd, serviceAccount } = await createCertificates('10.96.0.1')
  const pki = join(folder, 'pki')
  write(join(pki, 'ca.crt'), authority.certificate)
  write(join(pki, 'ca.key'), authority.key)
  write(join(pki, 'sa.key'), serviceAccount.privateKey)
  write(join(pki, 'sa.pub'), serviceAccount.publicKey)
  write(join(pki, 'etcd/ca.crt'), authority.certificate)
  write(join(pki, 'etcd/ca.key'), authority.key)
  write(join(pki, 'etcd/server.crt'), etcd.certificate)
  write(join(pki, 'etcd/server.key'), etcd.key)
  const flags = [
    `--etcd-servers=https://127.0.0.1:${clientPort}`,
    `--etcd-cafile=${pki}/etcd/ca.crt`,
    `--etcd-certfile=${pki}/etcd/server.crt`,
    `--etcd-keyfile=${pki}/etcd/server.key`,
  ]
  const lines = flags.map((flag) => `    - ${flag}`)
  write(
    join(folder, 'manifests/kube-apiserver.yaml'),
    `spec:\n  containers:\n  - command:\n    - kube-apiserver\n${lines.join('\n')}\n`,
  )
  const key = { name: 'key1', secret: Buffer.alloc(32, 7).toString('base64') }
  const providers = [{ secretbox: { keys: [key] } }, { identity: {} }]
  const config = { kind: 'EncryptionConfiguration', resources: [{ resources: ['secrets'], providers }] }
  write(join(folder, 'enc/config.yaml'), JSON.stringify(config, null, 2))
}

function etcdctlFlags(kubernetes: string, port: number): string[] {
  const file = (name: string) => join(kubernetes, 'pki/etcd', name)
  return [
    `--endpoints=https://127.0.0.1:${port}`,
    ...[`--cacert=${file('ca.crt')}`, `--cert=${file('server.crt')}`, `--key=${file('server.key')}`],
  ]
}

interface EtcdOptions {
  program: string
  ports: { client: number; peer: number }
  pki: string
}

function etcdProcess(root: string, { program, ports, pki }: EtcdOptions) {
  let child: ChildProcess | undefined
  const client = `https://127.0.0.1:${ports.client}`
  const peer = `http://127.0.0.1:${ports.peer}`
  const start = async () => {
    child = spawn(
      program,
      [
        ...['--name=kube1', `--data-dir=${join(root, 'etcd')}`, '--log-level=error', '--unsafe-no-fsync'],
        ...[`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`],
        ...[
          `--listen-peer-urls=${peer}`,
          `--initial-advertise-peer-urls=${peer}`,
          `--initial-cluster=kube1=${peer}`,
        ],
        ...['--client-cert-auth', `--trusted-ca-file=${pki}/etcd/ca.crt`],
        ...[`--cert-file=${pki}/etcd/server.crt`, `--key-file=${pki}/etcd/server.key`],
      ],
      { stdio: 'ignore' },
    )
    await waitForPort(ports.client)
  }
  const stop = async () => {
    if (!child) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
    child = undefined
  }
  return { start, stop }
}

async function waitForPort(port: number): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const { exitCode } = await runProgram(
      ['sh', '-c', `curl -sk https://127.0.0.1:${port}/health; [ $? -ne 7 ]`],
      {
        allowFailure: true,
      },
    )
    if (exitCode === 0) return
    await sleep(50)
  }
  throw new Error('etcd did not start')
}

function write(file: string, text: string, mode = 0o600): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, text, { mode })
  chmodSync(file, mode)
}
