import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EtcdAccess } from '../../tasks/lib/node/etcd-members/access.ts'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import { localMachine } from './local-machine.ts'
import { nodeProgram } from './node-software-programs.ts'
import { freePort } from './sshd.ts'

/** Real etcd processes on loopback, one for each name, without TLS. */
export interface EtcdCluster {
  access: EtcdAccess
  /** This host, with etcdctl. */
  machine: Machine
  member(name: string): EtcdProcess
  close(): Promise<void>
}

export interface EtcdProcess {
  name: string
  peerUrl: string
  clientUrl: string
  /** Goes on with the data that it has. */
  start(): void
  /** kill -9. */
  kill(): Promise<void>
  /** Its data are gone, as on a machine that was installed anew. */
  wipe(): void
  /** Joins a cluster that has announced it. */
  join(members: readonly EtcdProcess[]): void
}

/** Starts them as one new cluster; they answer soon after. */
export async function startEtcdCluster(names: string[]): Promise<EtcdCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'metaltasks-etcd-'))
  const [etcd, etcdctl] = await Promise.all([
    nodeProgram('etcd', { goPackage: 'go.etcd.io/etcd/server/v3', program: 'etcd' }),
    nodeProgram('etcd', { goPackage: 'go.etcd.io/etcd/etcdctl/v3', program: 'etcdctl' }),
  ])
  const members: EtcdProcess[] = []
  for (const name of names) members.push(await memberProcess(name, { etcd, folder, all: members }))
  for (const member of members) member.start()
  const machine = withEtcdctl(localMachine('cp1'), etcdctl)
  return {
    machine,
    access: { machine, endpoint: members[0]!.clientUrl },
    member: (name) => members.find((one) => one.name === name)!,
    async close() {
      await Promise.all(members.map((member) => member.kill()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function memberProcess(
  name: string,
  { etcd, folder, all }: { etcd: string; folder: string; all: EtcdProcess[] },
): Promise<EtcdProcess> {
  const peerUrl = `http://127.0.0.1:${await freePort()}`
  const clientUrl = `http://127.0.0.1:${await freePort()}`
  const data = join(folder, name)
  let child: ChildProcess | undefined
  const run = (members: readonly EtcdProcess[], state: 'new' | 'existing') => {
    const peers = members.map((one) => `${one.name}=${one.peerUrl}`).join(',')
    const words = [
      ...['--name', name, '--data-dir', data, '--log-level', 'error', '--unsafe-no-fsync'],
      ...['--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl],
      ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
      ...['--initial-cluster', peers, '--initial-cluster-state', state],
    ]
    child = spawn(etcd, words, { stdio: 'ignore' })
  }
  return {
    ...{ name, peerUrl, clientUrl },
    start: () => run(all, 'new'),
    join: (members) => run(members, 'existing'),
    wipe: () => rmSync(data, { recursive: true, force: true }),
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const gone = new Promise((resolve) => child!.once('close', resolve))
      child.kill('SIGKILL')
      await gone
    },
  }
}

// A script has the same PATH everywhere, so the program is named by its path.
function withEtcdctl(machine: Machine, etcdctl: string): Machine {
  return {
    ...machine,
    run: (script, options) => machine.run(script.replace(/\betcdctl(?= --| >)/g, etcdctl), options),
  }
}
