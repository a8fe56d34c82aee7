import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  isSameProcess,
  type ProcessRecord,
  runningProcess,
  startDetached,
} from '../../tasks/lib/sandbox/control-plane/process.ts'
import { isMissing } from '../../tasks/lib/sandbox/control-plane/state.ts'
import { bringDisksBack, removeSystemDisk, saveDisks } from './disks.ts'
import { newHostKey } from './identity.ts'
import { kernelCommand, memoryFolder, type StartOptions, type Where } from './kernel-command.ts'
import { writeKnownHosts } from './known-hosts.ts'
import type { MachineRecord } from './record.ts'

/** Starts a machine and returns once its ssh server answers. */
export async function startMachine(where: Where, options: StartOptions = {}): Promise<void> {
  const { machine } = where
  if (await processOf(machine)) throw new Error(`${machine.name} runs already`)
  const from = (await consoleText(machine)).length
  await startDetached([...lifeline(where), ...kernelCommand(where, options)], {
    pidFile: join(machine.folder, 'pid'),
    logFile: consoleFile(machine),
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', TMPDIR: memoryFolder(where.lab) },
  })
  await waitForRecord(machine)
  await waitForBoot(machine, from)
}

// A machine ends with the process that its lab belongs to, however that one ends; the rest is swept later.
function lifeline({ lab }: Where): string[] {
  return lab.owner ? ['setpriv', '--pdeathsig', 'KILL'] : []
}

// The process records itself a moment after it has started.
async function waitForRecord(machine: MachineRecord): Promise<void> {
  const file = join(machine.folder, 'pid')
  const deadline = Date.now() + 5000
  while (!existsSync(file) && Date.now() < deadline) await sleep(5)
}

/** All that a machine has said on its console since it was made. */
export async function consoleText(machine: MachineRecord): Promise<string> {
  return readFile(consoleFile(machine), 'latin1').catch((error: unknown) => {
    if (isMissing(error)) return ''
    throw error
  })
}

function consoleFile(machine: MachineRecord): string {
  return join(machine.folder, 'console.log')
}

/** Returns once ssh answers; throws with the console's last lines when the machine dies or takes minutes. */
export async function waitForBoot(machine: MachineRecord, from: number): Promise<void> {
  const deadline = Date.now() + 180_000
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

/** Another machine in the place of one that is off: the same data disks, but a new system disk and host key. */
export async function replaceMachine({ lab, machine }: Where): Promise<void> {
  await requireOff(machine)
  await removeSystemDisk(machine)
  await newHostKey(machine)
  await writeKnownHosts(lab)
}

/** Keeps the state of all disks of a machine that is off. */
export async function snapshot(machine: MachineRecord, label: string): Promise<void> {
  await requireOff(machine)
  await saveDisks(machine, label)
}

/** Gives a machine that is off the disks that it had. */
export async function restore(machine: MachineRecord, label: string): Promise<void> {
  await requireOff(machine)
  await bringDisksBack(machine, label)
}

async function requireOff(machine: MachineRecord): Promise<void> {
  if (await processOf(machine)) throw new Error(`${machine.name} must be off for that`)
}
