import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { quote } from '../../../tasks/lib/cli/process/quote.ts'
import { runProgram } from '../program.ts'

/** SSH servers on loopback addresses of their own, each in a mount namespace with its own /etc. Needs root. */
export interface Targets {
  hosts: Target[]
  /** Project root with known_hosts and cluster.yaml. */
  root: string
  /** Private key that may log in. */
  identity: string
  close(): Promise<void>
}

export interface Target {
  name: string
  address: string
  /** Commands and file transfers that it was asked for so far. */
  sessions(): Promise<number>
}

const port = 2222

/** Starts so many, named node1 and so on. */
export async function startTargets(count: number, root: string): Promise<Targets> {
  await mkdir(root, { recursive: true })
  // sshd keeps away from keys that others could write.
  await chmod(root, 0o755)
  await mkdir('/run/sshd', { recursive: true })
  const identity = join(root, 'id')
  await makeKey(identity)
  await writeFile(join(root, 'systemctl'), standIn, { mode: 0o755 })
  const started = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      startOne({ name: `node${index + 1}`, address: `127.0.1.${index + 1}`, root }),
    ),
  )
  // Where the benchmark is stopped, nobody waits for the end of its servers.
  process.once('exit', () => started.map(({ child }) => child.kill()))
  const hosts = started.map(({ target }) => target)
  await writeFile(join(root, 'known_hosts'), started.map(({ pinned }) => pinned).join(''))
  await writeFile(join(root, 'cluster.yaml'), clusterText(hosts, identity))
  return {
    hosts,
    root,
    identity,
    async close() {
      await Promise.all(started.map(({ child }) => end(child)))
    },
  }
}

async function startOne({ name, address, root }: { name: string; address: string; root: string }) {
  const path = (ending: string) => join(root, `${name}.${ending}`)
  await makeKey(path('key'))
  const settings = [
    `Port ${port}`,
    `ListenAddress ${address}`,
    `HostKey ${path('key')}`,
    `AuthorizedKeysFile ${join(root, 'id.pub')}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'Subsystem sftp internal-sftp',
    'LogLevel VERBOSE',
  ]
  await writeFile(path('config'), `${settings.join('\n')}\n`)
  const child = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-euc', enter(path, root)], {
    stdio: 'ignore',
  })
  await listening(path('log'), child)
  const [type, key] = (await readFile(`${path('key')}.pub`, 'utf8')).split(' ')
  const sessions = async () => (await readFile(path('log'), 'utf8')).match(/Starting session: /g)?.length ?? 0
  const target: Target = { name, address, sessions }
  return { target, child, pinned: `${name} ${type} ${key}\n[${address}]:${port} ${type} ${key}\n` }
}

// The host's own /etc stays as it is; systemctl is a stand-in, for a host that was not booted with systemd.
function enter(path: (ending: string) => string, root: string): string {
  const [etc, programs] = [quote(path('etc')), quote(path('sbin'))]
  return [
    `cp -a /etc ${etc}`,
    `mount --bind ${etc} /etc`,
    `mkdir -p ${programs} && cp ${quote(join(root, 'systemctl'))} ${programs}/`,
    `mount --bind ${programs} /usr/local/sbin`,
    `exec /usr/sbin/sshd -D -f ${quote(path('config'))} -E ${quote(path('log'))}`,
  ].join('\n')
}

/** Says of every unit that it runs and starts at boot, and of swap.target that nothing starts it. */
const standIn = `#!/bin/sh
case "$*" in
  *swap.target*) state=masked; load=masked; active=inactive ;;
  *zramswap*) state=; load=not-found; active=inactive ;;
  *) state=enabled; load=loaded; active=active ;;
esac
case "$*" in
  *is-enabled*) echo "$state"; test "$state" = enabled ;;
  *is-active*) echo "$active"; test "$active" = active ;;
  *--value*) ;;
  *show*) printf 'LoadState=%s\\nActiveState=%s\\nUnitFileState=%s\\nNeedDaemonReload=no\\n' "$load" "$active" "$state" ;;
  *) exit 1 ;;
esac
`

async function makeKey(file: string): Promise<void> {
  await runProgram(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'bench', '-f', file])
}

async function listening(log: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 400 && child.exitCode === null; attempt++) {
    const text = await readFile(log, 'utf8').catch(() => '')
    if (text.includes('Server listening')) return
    await sleep(25)
  }
  throw new Error(`sshd did not start, see ${log}`)
}

function clusterText(hosts: Target[], identity: string): string {
  const nodes = hosts.map(({ name, address }, index) => {
    const roles = index === 0 ? 'control-plane, worker' : 'worker'
    return `  - { name: ${name}, address: ${address}, roles: [${roles}] }`
  })
  const ssh = `ssh: { user: root, port: ${port}, identity: ${identity}, parallel: 20 }`
  return ['name: bench', ssh, 'nodes:', ...nodes, ''].join('\n')
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const gone = new Promise((resolve) => child.once('close', resolve))
  child.kill()
  await gone
}

/** The inventory and settings of Ansible for the same hosts. */
export function ansibleFiles({ hosts, identity, root }: Targets): { inventory: string; settings: string } {
  const lines = hosts.map(({ name, address }) => `${name} ansible_host=${address}`)
  const variables = [
    `ansible_port=${port}`,
    'ansible_user=root',
    `ansible_ssh_private_key_file=${identity}`,
    'ansible_python_interpreter=/usr/bin/python3',
  ]
  const settings = [
    '[defaults]',
    `forks = 20`,
    'retry_files_enabled = False',
    `local_tmp = ${join(root, 'ansible-tmp')}`,
    '[ssh_connection]',
    'pipelining = True',
    `ssh_args = -o ControlMaster=auto -o ControlPersist=600 -o UserKnownHostsFile=${join(root, 'known_hosts')}`,
    `control_path_dir = ${join(root, 'cp')}`,
  ]
  return {
    inventory: `${['[all]', ...lines, '[all:vars]', ...variables].join('\n')}\n`,
    settings: `${settings.join('\n')}\n`,
  }
}
