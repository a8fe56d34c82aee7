import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { run as runProgram } from '../../tasks/lib/cli/process/shell.ts'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import { createCertificates } from '../../tasks/lib/sandbox/control-plane/certificates.ts'
import { localMachine } from './local-machine.ts'
import { etcdPrograms } from './node-software-releases.ts'
import { freePort } from './sshd.ts'

/**
 * Three control planes in folders of this host: real members of etcd, and something that does with static pods what a
 * kubelet does. The API server is a file that says it runs: what it would answer is read from etcd.
 */
export interface RestoreBed {
  root: string
  names: string[]
  machine(name: string): Machine
  /** A path of a machine as it is on this host. */
  path(name: string, path: string): string
  etcdctl(name: string, ...words: string[]): Promise<string>
  /** Its static pods that run. */
  running(name: string): string[]
  close(): Promise<void>
}

/** Starts them, with a cluster of that UID; with hosts of etcd alone beside control plane kube1 where that is asked for. */
export async function restoreBed(uid: string, { isExternal = false } = {}): Promise<RestoreBed> {
  const root = mkdtempSync(join(tmpdir(), 'metaltasks-restore-'))
  const names = isExternal ? ['etcd1', 'etcd2', 'etcd3'] : ['kube1', 'kube2', 'kube3']
  const programs = await etcdPrograms()
  const { authority, etcd } = await createCertificates('10.96.0.1')
  const ports = new Map<string, Ports>()
  for (const name of names) ports.set(name, { client: await freePort(), peer: await freePort() })
  const path = (name: string, inside: string) => join(root, name, inside)
  const cluster = names.map((name) => `${name}=${peerUrl(ports.get(name)!)}`).join(',')
  for (const name of names) {
    const pki = path(name, 'etc/kubernetes/pki/etcd')
    write(join(pki, 'ca.crt'), authority.certificate)
    write(join(pki, 'server.crt'), etcd.certificate)
    write(join(pki, 'server.key'), etcd.key)
    if (isExternal) writeUnit(path(name, ''), { name, ports: ports.get(name)!, cluster })
    else writeManifests(path(name, ''), { name, ports: ports.get(name)!, cluster })
    writePrograms(path(name, 'bin'), { programs, root: path(name, '') })
    mkdirSync(path(name, 'var/lib/etcd'), { recursive: true, mode: 0o700 })
    mkdirSync(path(name, 'running'))
  }
  if (isExternal) {
    const first = ports.get('etcd1')!
    writeManifests(path('kube1', ''), { name: 'kube1', ports: first, cluster })
    rmSync(path('kube1', 'etc/kubernetes/manifests/etcd.yaml'))
    for (const file of ['ca.crt', 'server.crt', 'server.key'])
      write(
        path('kube1', `etc/kubernetes/pki/etcd/${file}`),
        readFileSync(path('etcd1', `etc/kubernetes/pki/etcd/${file}`), 'utf8'),
      )
    writePrograms(path('kube1', 'bin'), { programs, root: path('kube1', '') })
    mkdirSync(path('kube1', 'running'))
    names.unshift('kube1')
  }
  const kubelets = names.map((name) => kubelet(path(name, ''), programs.etcd))
  const bed: RestoreBed = {
    root,
    names,
    path,
    machine: (name) => rootedMachine(name, path(name, '')),
    etcdctl: async (name, ...words) => {
      const { stdout } = await runProgram([
        programs.etcdctl,
        ...flags(path(name, ''), ports.get(name)!),
        ...words,
      ])
      return stdout
    },
    running: (name) => ['etcd', 'kube-apiserver'].filter((pod) => existsSync(path(name, `running/${pod}`))),
    async close() {
      await Promise.all(kubelets.map((one) => one.stop()))
      rmSync(root, { recursive: true, force: true })
    },
  }
  await until(
    async () =>
      (await bed.etcdctl(names.at(-1)!, 'put', '/registry/namespaces/kube-system', `*$${uid}2`)) !== '',
  )
  return bed
}

interface Ports {
  client: number
  peer: number
}

function peerUrl({ peer }: Ports): string {
  return `http://127.0.0.1:${peer}`
}

function flags(folder: string, { client }: Ports): string[] {
  const pki = join(folder, 'etc/kubernetes/pki/etcd')
  return [
    `--endpoints=https://127.0.0.1:${client}`,
    ...[`--cacert=${pki}/ca.crt`, `--cert=${pki}/server.crt`, `--key=${pki}/server.key`],
  ]
}

function writeManifests(
  folder: string,
  { name, ports, cluster }: { name: string; ports: Ports; cluster: string },
): void {
  const pki = join(folder, 'etc/kubernetes/pki/etcd')
  const client = `https://127.0.0.1:${ports.client}`
  const etcd = [
    ...[`--name=${name}`, `--data-dir=${folder}/var/lib/etcd`, '--log-level=error', '--unsafe-no-fsync=true'],
    ...[`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`],
    ...[`--listen-peer-urls=${peerUrl(ports)}`, `--initial-advertise-peer-urls=${peerUrl(ports)}`],
    ...[`--initial-cluster=${cluster}`, '--client-cert-auth=true', `--trusted-ca-file=${pki}/ca.crt`],
    ...[`--cert-file=${pki}/server.crt`, `--key-file=${pki}/server.key`],
  ]
  const server = [
    `--etcd-servers=${client}`,
    ...[
      `--etcd-cafile=${pki}/ca.crt`,
      `--etcd-certfile=${pki}/server.crt`,
      `--etcd-keyfile=${pki}/server.key`,
    ],
  ]
  const manifest = (program: string, words: string[], head = '') =>
    `${head}spec:\n  containers:\n  - command:\n    - ${program}\n${words.map((word) => `    - ${word}\n`).join('')}`
  const annotation =
    'metadata:\n  annotations:\n    kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint: 10.0.0.1:6443\n'
  write(join(folder, 'etc/kubernetes/manifests/etcd.yaml'), manifest('etcd', etcd))
  write(
    join(folder, 'etc/kubernetes/manifests/kube-apiserver.yaml'),
    manifest('kube-apiserver', server, annotation),
  )
  write(join(folder, 'etc/kubernetes/enc/config.yaml'), 'keys of today\n')
}

/** The same member as a systemd unit has it. */
function writeUnit(folder: string, options: { name: string; ports: Ports; cluster: string }): void {
  writeManifests(folder, options)
  const manifest = join(folder, 'etc/kubernetes/manifests/etcd.yaml')
  const words = [...readFileSync(manifest, 'utf8').matchAll(/^ *- --([^=]+)=(.*)$/gm)]
  const lines = words.map(([, name, value]) => `ETCD_${name!.toUpperCase().replaceAll('-', '_')}=${value}\n`)
  write(join(folder, 'etc/etcd/etcd.env'), lines.join(''))
  write(join(folder, 'unit.yaml'), readFileSync(manifest, 'utf8'))
  rmSync(join(folder, 'etc/kubernetes/manifests'), { recursive: true })
}

function writePrograms(
  bin: string,
  { programs, root }: { programs: Awaited<ReturnType<typeof etcdPrograms>>; root: string },
): void {
  mkdirSync(bin, { recursive: true })
  symlinkSync(programs.etcdutl, join(bin, 'etcdutl'))
  symlinkSync(programs.etcdctl, join(bin, 'etcdctl'))
  const script = (name: string, text: string) => write(join(bin, name), `#!/bin/sh\n${text}\n`, 0o755)
  script(
    'crictl',
    `case $1 in ps) for word; do names=$word; done; ls ${root}/running | grep -E "$names" || :;; *) echo "$*" >>${root}/restarted;; esac`,
  )
  // The unit runs while its file is there.
  const unit = `${root}/unit.yaml`
  script(
    'systemctl',
    `echo "$*" >>${root}/restarted
case $1 in
  stop) mv ${unit} ${unit}.off 2>/dev/null; while [ -e ${root}/running/etcd ]; do sleep 0.1; done ;;
  start) if [ -e ${unit}.off ]; then mv ${unit}.off ${unit}; fi ;;
  is-active) [ -e ${root}/running/etcd ] ;;
esac`,
  )
  script(
    'kubectl',
    `test -e ${root}/running/kube-apiserver || exit 1
flag() { sed -n "s/^ *- --$1=//p" ${root}/etc/kubernetes/manifests/kube-apiserver.yaml; }
etcd() { etcdctl --endpoints="$(flag etcd-servers)" --cacert="$(flag etcd-cafile)" --cert="$(flag etcd-certfile)" --key="$(flag etcd-keyfile)" "$@"; }
case "$*" in
  *namespace*) etcd get /registry/namespaces/kube-system --print-value-only | grep -aoE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' ;;
  *) etcd get health >/dev/null ;;
esac`,
  )
}

/** Runs what its manifests say, as a kubelet does: etcd for real. */
function kubelet(folder: string, program: string) {
  let etcd: ChildProcess | undefined
  const isUnit = existsSync(join(folder, 'unit.yaml'))
  const manifest = (name: string) =>
    isUnit ? join(folder, 'unit.yaml') : join(folder, `etc/kubernetes/manifests/${name}.yaml`)
  const mark = (name: string) => join(folder, 'running', name)
  const sync = async () => {
    if (!isUnit && existsSync(manifest('kube-apiserver'))) writeFileSync(mark('kube-apiserver'), '')
    else rmSync(mark('kube-apiserver'), { force: true })
    if (existsSync(manifest('etcd')) && (!etcd || etcd.exitCode !== null)) {
      const words = [...readFileSync(manifest('etcd'), 'utf8').matchAll(/^ *- (--.*)$/gm)].map(
        ([, word]) => word!,
      )
      etcd = spawn(program, words, { stdio: 'ignore' })
      writeFileSync(mark('etcd'), '')
    } else if (!existsSync(manifest('etcd')) && etcd) {
      await end(etcd)
      etcd = undefined
      rmSync(mark('etcd'), { force: true })
    }
  }
  let working = Promise.resolve()
  const timer = setInterval(() => {
    working = working.then(sync)
  }, 100)
  return {
    async stop() {
      clearInterval(timer)
      await working
      if (etcd) await end(etcd)
    },
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** This host as a machine whose files are below a folder. */
export function rootedMachine(name: string, root: string): Machine {
  const machine = localMachine(name)
  const rooted = (script: string) =>
    script
      .replaceAll(/(?<![\w/])\/(etc\/kubernetes|etc\/etcd|var\/lib\/(?:metaltasks|etcd))/g, `${root}/$1`)
      .replaceAll('PATH=/usr/local/sbin', `PATH=${root}/bin:/usr/local/sbin`)
  return { ...machine, run: (script, options) => machine.run(rooted(script), options) }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (await holds().catch(() => false)) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('etcd did not start')
}

function write(file: string, text: string, mode = 0o600): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, text, { mode })
  chmodSync(file, mode)
}
