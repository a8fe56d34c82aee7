import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Progress } from '../../tasks/lib/cli/change.ts'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import { withLock } from '../../tasks/lib/sandbox/control-plane/lock.ts'
import { isSameProcess, startTimeOf } from '../../tasks/lib/sandbox/control-plane/process.ts'
import { createDisks } from './disks.ts'
import { writeIdentity } from './identity.ts'
import { ensureFastKernel, ensureImage } from './image.ts'
import { memoryFolder } from './kernel-command.ts'
import { writeKnownHosts } from './known-hosts.ts'
import { addressOf, createNetwork, hostsFile, removeNetwork } from './network.ts'
import {
  type LabRecord,
  labFolders,
  labsFolder,
  type MachineRecord,
  readRecord,
  writeRecord,
} from './record.ts'
import { keyFile } from './ssh.ts'

export interface MachineSpec {
  name: string
  /** Sizes of data disks, up to seven: ['1G', '512M'] are /dev/ubdb and /dev/ubdc. */
  disks?: readonly string[]
  /** 256 unless told. */
  memoryMiB?: number
}

export interface LabOptions extends Progress {
  machines: readonly MachineSpec[]
  /** Two processors and a faster kernel, which has no modules: for whole clusters. */
  fast?: boolean
  /** The lab stays when this process has ended. */
  keep?: boolean
}

/** Makes a lab with all its machines off: image, folder, keys, network. What dead labs have left is removed first. */
export async function createLab(options: LabOptions): Promise<LabRecord> {
  const image = await ensureImage(options)
  const kernel = options.fast ? await ensureFastKernel(options) : undefined
  await sweep(options)
  const id = randomBytes(4).readUInt32LE().toString(36).padStart(7, '0')
  const folder = join(labsFolder, id)
  const owner = { pid: process.pid, started: (await startTimeOf(process.pid))! }
  const machines = options.machines.map((spec, index) => machineRecord(spec, { index, folder }))
  const lab: LabRecord = {
    ...{ id, folder, namespace: `lab-${id}`, image, kernel, machines },
    ...(options.keep ? {} : { owner }),
  }
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // First of all: whatever happens now, the next sweep finds this lab.
  await writeRecord(lab)
  try {
    await fill(lab, options.machines)
  } catch (error) {
    await removeLab(lab)
    throw error
  }
  return lab
}

function machineRecord(
  { name, disks = [], memoryMiB = 256 }: MachineSpec,
  { index, folder }: { index: number; folder: string },
): MachineRecord {
  const own = join(folder, 'machines', name)
  return { name, index, address: addressOf(index), memoryMiB, disks: disks.length, folder: own }
}

async function fill(lab: LabRecord, specs: readonly MachineSpec[]): Promise<void> {
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', keyFile(lab)])
  const authorizedKey = await readFile(`${keyFile(lab)}.pub`, 'utf8')
  for (const machine of lab.machines) {
    const disks = specs[machine.index]!.disks ?? []
    await writeIdentity(machine, { hosts: hostsFile(lab), authorizedKey, kernel: lab.kernel })
    await createDisks(machine, disks)
  }
  await writeKnownHosts(lab)
  await mkdir(memoryFolder(lab))
  await run(['mount', '-t', 'tmpfs', '-o', 'size=90%,mode=700', 'lab', memoryFolder(lab)])
  await createNetwork(lab)
}

/** Ends all that runs in a lab and removes every trace of it. May be called again after it was cut off. */
export async function removeLab(lab: LabRecord): Promise<void> {
  await removeNetwork(lab)
  await run(['sh', '-c', 'while umount "$0" 2>/dev/null; do :; done', memoryFolder(lab)])
  await rm(lab.folder, { recursive: true, force: true })
}

/** Removes the labs whose owner has ended without doing so. */
export function sweep(progress: Progress): Promise<void> {
  return withLock(`${labsFolder}.lock`, {
    ...progress,
    what: 'another run removes old labs',
    work: async () => {
      for (const folder of await labFolders()) {
        const lab = await readRecord(folder)
        // A folder without a record: its maker was killed at once, or is about to write it.
        if (!lab && (await isOlderThan(folder, 60))) await rm(folder, { recursive: true, force: true })
        if (lab?.owner && !(await isSameProcess(lab.owner.pid, lab.owner.started))) await removeLab(lab)
      }
    },
  })
}

async function isOlderThan(folder: string, seconds: number): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined)
  return found !== undefined && Date.now() - found.mtimeMs > seconds * 1000
}

/** The lab that outlives its maker: `npm run lab`. */
export async function keptLab(): Promise<LabRecord | undefined> {
  const labs = await Promise.all((await labFolders()).map(readRecord))
  return labs.find((lab) => lab !== undefined && lab.owner === undefined)
}
