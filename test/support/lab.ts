import { mkdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { knownHosts } from '../../scripts/lab/known-hosts.ts'
import { createLab, type MachineSpec, sweep as removeDeadLabs, removeLab } from '../../scripts/lab/lab.ts'
import type { LabRecord } from '../../scripts/lab/record.ts'
import { keyFile, sshProgram } from '../../scripts/lab/ssh.ts'
import { type Ran, type RunOptions, run, tasksWords } from './cli.ts'
import { type LabMachine, labMachine } from './lab-machine.ts'

/*
 * Real machines for tests: User Mode Linux, Debian 12, systemd, sshd; root on this host is all they need.
 *
 *   let lab: Lab
 *   beforeAll(async () => {
 *     lab = await openLab({ machines: [{ name: 'kube1', disks: ['1G'] }, { name: 'keys' }] })
 *   })
 *   afterAll(() => lab?.close())
 *
 *   test('…', async () => {
 *     const kube1 = lab.machine('kube1')
 *     await kube1.sh('vgcreate vg0 /dev/ubdb')          // as root; throws with what it printed
 *     await lab.writeCluster(`…cluster.yaml…`)          // into lab.project
 *     const ran = await lab.tasks(['volumes', '--yes']) // the product's CLI, able to reach the machines
 *     await kube1.powerCut(); await kube1.start()
 *   })
 *
 * All machines boot in openLab (4 s each on a quiet host); a file's tests share one lab. Users: root, ops (sudo without a
 * password), careful (sudo with `carefulPassword`), all with lab.keyFile. Data disks are /dev/ubdb, /dev/ubdc, …
 * `apt-get install tree jq conntrack socat ethtool haproxy keepalived` works without a network. In-process:
 * openMachines(config, { program: lab.sshProgram }).
 *
 * Cheap: powerCut() after `sync`, snapshot(), restore(), start(). Dear: a second lab, shutdown(), many sh() where one
 * script would do. The bus, logind and lvm2-monitor do not run until somebody starts them (scripts/lab/image/build.sh).
 */

export interface Lab {
  /** The network namespace: `ip netns exec NAMESPACE ssh …` reaches the machines. */
  namespace: string
  /** Files of this lab, gone with it. */
  folder: string
  machines: LabMachine[]
  machine(name: string): LabMachine
  /** For the product's own ssh: ["ip", "netns", "exec", NAMESPACE, "ssh"]. */
  sshProgram: string[]
  /** The private key that root, ops and careful let in. */
  keyFile: string
  /** What known_hosts says of all machines, by name and address. */
  knownHosts(): Promise<string>
  /** A project's folder, empty at first. */
  project: string
  /** HOME of the product's runs, with ~/.ssh/id_ed25519 and no known_hosts. */
  home: string
  /** Writes the project's cluster.yaml, or another file in it. */
  writeCluster(text: string, file?: string): Promise<void>
  /** Runs the product's CLI in the project, inside the namespace. */
  tasks(args: string[], options?: RunOptions): Promise<Ran>
  /** A command line that runs the product's CLI there: for tests that kill it. */
  tasksCommand(args: string[]): { argv: string[]; cwd: string; env: NodeJS.ProcessEnv }
  close(): Promise<void>
}

/** The password that careful gives to sudo. */
export const carefulPassword = 'careful-password'

export interface OpenLabOptions {
  machines: MachineSpec[]
  /** Two processors and a faster kernel, which has no modules: for whole clusters. */
  fast?: boolean
  /** Leaves them off; start() each. */
  off?: boolean
}

/** Makes a lab and boots its machines side by side. It ends with close(), or at the next run's start after a crash. */
export async function openLab({ machines, fast, off = false }: OpenLabOptions): Promise<Lab> {
  const record = await createLab({ machines, fast, ...inSilence() })
  try {
    const lab = await labOf(record)
    if (!off) await Promise.all(lab.machines.map((machine) => machine.start()))
    return lab
  } catch (error) {
    await removeLab(record)
    throw error
  }
}

/** Removes the labs of runs that were killed. */
export function sweep(): Promise<void> {
  return removeDeadLabs(inSilence())
}

function inSilence() {
  return { say: () => {}, signal: new AbortController().signal }
}

async function labOf(record: LabRecord): Promise<Lab> {
  const project = join(record.folder, 'project')
  const home = join(record.folder, 'home')
  await mkdir(project)
  await writeKey(record, home)
  const machines = record.machines.map((machine) => labMachine({ lab: record, machine }))
  const command = (args: string[]) => commandIn(record, { args, home, project })
  return {
    ...{ namespace: record.namespace, folder: record.folder, project, home, machines },
    machine: (name) => found(machines, name),
    sshProgram: sshProgram(record),
    keyFile: keyFile(record),
    knownHosts: () => knownHosts(record),
    writeCluster: (text, file = 'cluster.yaml') => writeBelow(project, { file, text }),
    tasksCommand: command,
    tasks: (args, options = {}) => {
      const { argv, cwd, env } = command(args)
      return run(argv[0]!, argv.slice(1), { cwd, ...options, env: { ...env, ...options.env } })
    },
    close: () => removeLab(record),
  }
}

function found(machines: LabMachine[], name: string): LabMachine {
  const machine = machines.find((one) => one.name === name)
  if (!machine) throw new Error(`this lab has no machine ${name}`)
  return machine
}

async function writeKey(record: LabRecord, home: string): Promise<void> {
  await mkdir(join(home, '.ssh'), { recursive: true, mode: 0o700 })
  await run('cp', ['-p', keyFile(record), join(home, '.ssh', 'id_ed25519')])
}

async function writeBelow(folder: string, { file, text }: { file: string; text: string }): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true })
  await writeFile(join(folder, file), text)
}

function commandIn(
  record: LabRecord,
  { args, home, project }: { args: string[]; home: string; project: string },
) {
  const env = {
    ...process.env,
    ...{ HOME: home, NO_COLOR: '1', KUBECONFIG: undefined, NODE: undefined, SSH_AUTH_SOCK: undefined },
    // Programs of the sandbox are not built again for each lab.
    XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
    ...{ XDG_CONFIG_HOME: undefined, XDG_STATE_HOME: undefined, XDG_RUNTIME_DIR: undefined },
  }
  return {
    argv: ['ip', 'netns', 'exec', record.namespace, process.execPath, ...tasksWords(args)],
    cwd: project,
    env,
  }
}
