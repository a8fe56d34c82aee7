import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProcessRecord } from '../../tasks/lib/sandbox/control-plane/process.ts'
import { isMissing, writeWhole } from '../../tasks/lib/sandbox/control-plane/state.ts'

/** All labs of this host; not below TMPDIR, so that every run finds what another has left. */
export const labsFolder = '/var/tmp/metaltasks-lab'

/** A lab from its creation to its end, as its folder holds it. */
export interface LabRecord {
  /** Six characters: folder and network namespace carry them. */
  id: string
  folder: string
  namespace: string
  /** The lab ends with this process; a lab without an owner stays until `down`. */
  owner?: ProcessRecord
  /** The folder of a kernel of our own; Debian's where there is none. */
  kernel?: string
  /** The image that all machines boot from. */
  image: string
  machines: MachineRecord[]
}

/** A machine, running or not. */
export interface MachineRecord {
  name: string
  address: string
  /** Place in the lab, from 0. */
  index: number
  memoryMiB: number
  /** How many data disks it has. */
  disks: number
  /** Its files: disk.cow, disk-1.img …, console.log, pid, identity/, snapshots/. */
  folder: string
}

/** Writes the record of a lab in one step. */
export function writeRecord(lab: LabRecord): Promise<void> {
  return writeWhole(join(lab.folder, 'lab.json'), `${JSON.stringify(lab, null, 2)}\n`)
}

/** The record in a lab's folder; undefined where there is none. */
export async function readRecord(folder: string): Promise<LabRecord | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, 'lab.json'), 'utf8')) as LabRecord
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** Folders of all labs, with what is left of dead ones. */
export async function labFolders(): Promise<string[]> {
  const names = await readdir(labsFolder, { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  return names.filter((entry) => entry.isDirectory()).map((entry) => join(labsFolder, entry.name))
}
