import { mkdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import { isMissing } from '../../tasks/lib/sandbox/control-plane/state.ts'
import type { MachineRecord } from './record.ts'

/** The system disk: what differs from the image. There is none before the first boot. */
export function systemDisk(machine: MachineRecord): string {
  return join(machine.folder, 'disk.cow')
}

/** Takes the system disk out: the next boot is a first one. */
export async function removeSystemDisk(machine: MachineRecord): Promise<void> {
  await rm(systemDisk(machine), { force: true })
}

/** The file of a data disk, from 1: /dev/ubdb inside. */
export function diskFile(machine: MachineRecord, number: number): string {
  if (number < 1 || number > machine.disks) throw new Error(`${machine.name} has no data disk ${number}`)
  return join(machine.folder, `disk-${number}.img`)
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

/** Copies all disks, which cost no more than they hold. */
export async function saveDisks(machine: MachineRecord, label: string): Promise<void> {
  const folder = snapshotFolder(machine, label)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await copyDisks(machine, { from: machine.folder, to: folder })
}

/** Copies the disks of a snapshot back. */
export async function bringDisksBack(machine: MachineRecord, label: string): Promise<void> {
  const folder = snapshotFolder(machine, label)
  if (!(await isThere(folder))) throw new Error(`${machine.name} has no snapshot ${label}`)
  await copyDisks(machine, { from: folder, to: machine.folder })
}

function snapshotFolder(machine: MachineRecord, label: string): string {
  return join(machine.folder, 'snapshots', label)
}

async function copyDisks(machine: MachineRecord, { from, to }: { from: string; to: string }): Promise<void> {
  const names = ['disk.cow', ...Array.from({ length: machine.disks }, (_, index) => `disk-${index + 1}.img`)]
  const present: string[] = []
  for (const name of names) {
    if (await isThere(join(from, name))) present.push(join(from, name))
    else await rm(join(to, name), { force: true })
  }
  if (present.length) await run(['cp', '--sparse=always', '--reflink=auto', ...present, to])
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false
      throw error
    },
  )
}
