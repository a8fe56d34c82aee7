import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TaskError } from '../../tasks/lib/cli/errors.ts'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import { type Ran, run } from './cli.ts'
import { bridgeScript, linkScript, sh } from './namespaces.ts'
import { nodeProgram } from './node-software-programs.ts'

/*
 * Hosts that are namespaces on one bridge, each with an /etc, a /var/lib and users of its own, and with the real etcd.
 * What systemd does for its unit, a script does. For root.
 */

export interface EtcdHost {
  name: string
  address: string
  machine: Machine
  sh(script: string): Promise<string>
  try(script: string): Promise<Ran>
  /** All its processes end at once. */
  powerOff(): Promise<void>
  powerOn(): Promise<void>
}

export interface EtcdHosts {
  hosts: EtcdHost[]
  close(): Promise<void>
}

/** Makes hosts of these names and switches them on. */
export async function openEtcdHosts(names: string[]): Promise<EtcdHosts> {
  const folder = mkdtempSync(join(tmpdir(), 'metaltasks-hosts-'))
  const mark = `me${process.pid}`
  const programs = await Promise.all([
    nodeProgram('etcd', { goPackage: 'go.etcd.io/etcd/server/v3', program: 'etcd' }),
    nodeProgram('etcd', { goPackage: 'go.etcd.io/etcd/etcdctl/v3', program: 'etcdctl' }),
  ])
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  // Copies: the user of etcd may not look into the cache.
  for (const [index, name] of ['etcd', 'etcdctl'].entries()) copyFileSync(programs[index]!, join(bin, name))
  writeFileSync(join(bin, 'systemctl'), systemctl, { mode: 0o755 })
  writeFileSync(join(bin, 'journalctl'), '#!/bin/sh\ntail -n 20 /var/lib/etcd.log\n', { mode: 0o755 })
  await sh(bridgeScript(mark))
  const hosts = names.map((name, index) => {
    const address = `10.98.0.${index + 1}`
    return etcdHost({ name, address }, { mark, bin, folder: join(folder, name) })
  })
  await Promise.all(hosts.map((host) => host.powerOn()))
  return {
    hosts,
    async close() {
      await Promise.all(hosts.map((host) => host.powerOff()))
      await sh(`ip netns del ${mark}-bridge`)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Place {
  mark: string
  bin: string
  folder: string
}

function etcdHost({ name, address }: Pick<EtcdHost, 'name' | 'address'>, place: Place): EtcdHost {
  const { mark, bin, folder } = place
  const namespace = `${mark}-${name}`
  let child: ChildProcess | undefined
  const attempt = async (script: string, input: string | Uint8Array = '') => {
    const pid = child!.pid
    const first = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    const words = [
      '-t',
      first,
      '-m',
      '-n',
      '-p',
      'sh',
      '-c',
      `eval "$(head -c ${Buffer.byteLength(script)})"`,
    ]
    const whole = Buffer.concat([Buffer.from(script), Buffer.from(input as string)])
    return run('nsenter', words, { input: whole })
  }
  const strict = async (script: string) => {
    const ran = await attempt(script)
    if (ran.exitCode !== 0) throw new Error(`${name}: ${script}\n${ran.stderr}`)
    return ran.stdout
  }
  return {
    ...{ name, address, sh: strict, try: (script) => attempt(script) },
    machine: {
      name,
      label: name,
      async run(script, { input, allowFailure, title = 'script' } = {}) {
        const ran = await attempt(script, input as string)
        const exitCode = ran.exitCode ?? 137
        if (exitCode === 0 || allowFailure) return { ...ran, exitCode }
        throw new TaskError(`${name}: ${title} failed with exit code ${exitCode}\n${ran.stderr}`)
      },
    },
    async powerOn() {
      await sh(`ip netns add ${namespace}; ${linkScript(mark, { namespace, address })}`)
      await sh(`test -d ${folder} || { mkdir -p ${folder}/lib; cp -a /etc ${folder}/etc; }`)
      const start = `mount --bind ${folder}/etc /etc; mount --bind ${folder}/lib /var/lib; mount --bind ${bin} /usr/local/bin
mount -t tmpfs tmpfs /run; touch ${folder}/on; while :; do sleep 1; done`
      const words = [
        'netns',
        'exec',
        namespace,
        'unshare',
        '-m',
        '-p',
        '-f',
        '--kill-child=KILL',
        '--mount-proc',
      ]
      rmSync(join(folder, 'on'), { force: true })
      child = spawn('ip', [...words, 'sh', '-c', start], { stdio: 'ignore' })
      await sh(`until test -e ${folder}/on; do sleep 0.1; done`)
    },
    async powerOff() {
      if (!child) return
      const gone = new Promise((resolve) => child!.once('close', resolve))
      child.kill('SIGKILL')
      child = undefined
      await gone
      await sh(`ip netns del ${namespace}`)
    },
  }
}

/** What the unit of etcd does, as far as it is asked. */
const systemctl = `#!/bin/sh
# systemctl VERB [OPTIONS] etcd.service
pid=$(cat /run/etcd.pid 2>/dev/null || echo 0)
runs() { test -n "$(readlink "/proc/$pid/exe")"; }
start() {
  runs && return
  set -a; . /etc/etcd/etcd.env; . /etc/etcd/initial.env || exit 1; set +a
  setsid setpriv --reuid etcd --regid etcd --clear-groups /usr/local/bin/etcd >>/var/lib/etcd.log 2>&1 </dev/null &
  echo $! >/run/etcd.pid
}
stop() { if runs; then kill "$pid"; while runs; do sleep 0.1; done; fi; }
case "$1 $*" in
  is-active*) if runs; then echo active; else echo inactive; exit 3; fi ;;
  show*ActiveEnterTimestamp*) if runs; then date -u -d "@$(stat -c %Y /run/etcd.pid)" '+%a %Y-%m-%d %H:%M:%S UTC'; fi ;;
  show*MainPID*) echo "$pid" ;;
  start*) start ;;
  stop*) stop ;;
  restart*) stop; start ;;
  daemon-reload* | enable*) ;;
  *) echo "not known here: $*" >&2; exit 1 ;;
esac
`
