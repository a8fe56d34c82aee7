import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import {
  isSameProcess,
  type ProcessRecord,
  runningProcess,
  startDetached,
} from '../../tasks/lib/sandbox/control-plane/process.ts'
import { identityFolder } from './identity.ts'
import { tapOf } from './network.ts'
import type { LabRecord, MachineRecord } from './record.ts'

const kernelProgram = join(packageRoot(), 'scripts/lab/kernel.sh')

/** A machine of a lab. */
export interface Where {
  lab: LabRecord
  machine: MachineRecord
}

/** What differs at one start only. */
export interface StartOptions {
  /** The clock is wrong by this much. */
  clockSkewSeconds?: number
}

/** Starts a machine and returns once its ssh server answers. */
export async function startMachine(where: Where, options: StartOptions = {}): Promise<void> {
  const { machine } = where
  if (await processOf(machine)) throw new Error(`${machine.name} runs already`)
  const from = (await consoleText(machine)).length
  await startDetached(kernelCommand(where, options), {
    pidFile: join(machine.folder, 'pid'),
    logFile: consoleFile(machine),
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', TMPDIR: memoryFolder(where.lab) },
  })
  await waitForRecord(machine)
  await waitForBoot(machine, from)
}

// The process records itself a moment after it has started.
async function waitForRecord(machine: MachineRecord): Promise<void> {
  const file = join(machine.folder, 'pid')
  const deadline = Date.now() + 5000
  while (!existsSync(file) && Date.now() < deadline) await sleep(5)
}

/** A tmpfs: the memory of machines is a file there, which must not be written back to a disk. */
export function memoryFolder(lab: LabRecord): string {
  return join(lab.folder, 'memory')
}

function kernelCommand({ lab, machine }: Where, { clockSkewSeconds }: StartOptions): string[] {
  const disks = Array.from({ length: machine.disks }, (_, index) => {
    const letter = 'bcdefgh'[index]
    return `ubd${letter}=${diskFile(machine, index + 1)},,${machine.name}-disk-${index + 1}`
  })
  return [
    ...['ip', 'netns', 'exec', lab.namespace, kernelProgram, `mem=${machine.memoryMiB}M`],
    ...[`ubda=${join(machine.folder, 'disk.cow')},${lab.image}`, ...disks, 'root=/dev/ubda', 'rw'],
    `vec0:transport=tap,ifname=${tapOf(machine)},depth=128,gro=1,mac=02:78:00:00:00:${hex(machine.index + 11)}`,
    ...['con=null', 'con0=null,fd:1', `umid=${machine.name}`, `uml_dir=${machine.folder}/`],
    ...[
      `systemd.machine_id=${machineId(machine)}`,
      'systemd.unified_cgroup_hierarchy=1',
      'quiet',
      'systemd.show_status=yes',
    ],
    ...[`lab.node=${machine.name},${machine.address}`, `lab.folder=${identityFolder(machine)}`],
    ...(clockSkewSeconds ? [`lab.clock=${clockSkewSeconds}`] : []),
  ]
}

function hex(number: number): string {
  return number.toString(16).padStart(2, '0')
}

function machineId({ name }: MachineRecord): string {
  return Buffer.from(name.padEnd(16, '.').slice(0, 16)).toString('hex')
}

/** The file of a data disk, from 1: /dev/ubdb inside. */
export function diskFile(machine: MachineRecord, number: number): string {
  if (number < 1 || number > machine.disks) throw new Error(`${machine.name} has no data disk ${number}`)
  return join(machine.folder, `disk-${number}.img`)
}

/** All that a machine has said on its console since it was made. */
export async function consoleText(machine: MachineRecord): Promise<string> {
  return readFile(consoleFile(machine), 'latin1').catch(() => '')
}

function consoleFile(machine: MachineRecord): string {
  return join(machine.folder, 'console.log')
}

/** Returns once ssh answers; throws with the console's last lines when the machine dies or takes minutes. */
export async function waitForBoot(machine: MachineRecord, from: number): Promise<void> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const text = (await consoleText(machine)).slice(from)
    if (/Started .*ssh\.service/.test(text)) return
    const ended = !(await processOf(machine)) || /Kernel panic/.test(text)
    if (ended || Date.now() > deadline) {
      const lastLines = text.trimEnd().split('\n').slice(-20).join('\n')
      throw new Error(`${machine.name} ${ended ? 'died while it booted' : 'did not boot'}:\n${lastLines}`)
    }
    await sleep(50)
  }
}

/** The process that a running machine is. */
export function processOf(machine: MachineRecord): Promise<ProcessRecord | undefined> {
  return runningProcess(join(machine.folder, 'pid'))
}

/** Pulls the plug: nothing that the machine had not written yet gets to its disks. */
export async function powerCut(machine: MachineRecord): Promise<void> {
  const record = await processOf(machine)
  if (!record) return
  // The group: each program inside is a process here, too.
  process.kill(-record.pid, 'SIGKILL')
  await waitForEnd(machine, 10)
}

/** Returns once a machine that was told to end has ended. */
export async function waitForEnd(machine: MachineRecord, seconds: number): Promise<void> {
  const record = await processOf(machine)
  const deadline = Date.now() + seconds * 1000
  while (record && (await isSameProcess(record.pid, record.started))) {
    if (Date.now() > deadline) throw new Error(`${machine.name} does not end`)
    await sleep(25)
  }
}

/** Keeps the state of all disks of a machine that is off. */
export async function snapshot(machine: MachineRecord, label: string): Promise<void> {
  await requireOff(machine)
  const folder = join(machine.folder, 'snapshots', label)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await copyDisks(machine, { from: machine.folder, to: folder })
}

/** Gives a machine that is off the disks that it had. */
export async function restore(machine: MachineRecord, label: string): Promise<void> {
  await requireOff(machine)
  await copyDisks(machine, { from: join(machine.folder, 'snapshots', label), to: machine.folder })
}

async function copyDisks(machine: MachineRecord, { from, to }: { from: string; to: string }): Promise<void> {
  const names = ['disk.cow', ...Array.from({ length: machine.disks }, (_, index) => `disk-${index + 1}.img`)]
  const present: string[] = []
  for (const name of names) {
    if (await stat(join(from, name)).catch(() => undefined)) present.push(join(from, name))
    else await rm(join(to, name), { force: true })
  }
  if (present.length) await run(['cp', '--sparse=always', '--reflink=auto', ...present, to])
}

async function requireOff(machine: MachineRecord): Promise<void> {
  if (await processOf(machine)) throw new Error(`${machine.name} must be off for that`)
}

/** Makes the empty data disks of a new machine. */
export async function createDisks(machine: MachineRecord, sizes: readonly string[]): Promise<void> {
  for (const [index, size] of sizes.entries()) {
    const file = diskFile(machine, index + 1)
    await writeFile(file, '')
    await truncate(file, bytes(size))
  }
}

function bytes(size: string): number {
  const [, number, unit] = /^(\d+)([MG])$/.exec(size) ?? []
  if (!number) throw new Error(`a disk has a size such as 512M or 2G, not ${size}`)
  return Number(number) * (unit === 'G' ? 2 ** 30 : 2 ** 20)
}
