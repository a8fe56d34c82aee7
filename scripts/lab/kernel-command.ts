import { join } from 'node:path'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { diskFile, systemDisk } from './disks.ts'
import { identityFolder } from './identity.ts'
import { tapOf } from './network.ts'
import { keptTo } from './processors.ts'
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

/** A tmpfs: the memory of machines is a file there, which must not be written back to a disk. */
export function memoryFolder(lab: LabRecord): string {
  return join(lab.folder, 'memory')
}

/** The command line of a machine: its memory, disks and network cable, and who it is. */
export function kernelCommand({ lab, machine }: Where, { clockSkewSeconds }: StartOptions): string[] {
  const disks = Array.from({ length: machine.disks }, (_, index) => {
    const letter = 'bcdefgh'[index]
    return `ubd${letter}=${diskFile(machine, index + 1)},,${machine.name}-disk-${index + 1}`
  })
  // Labs side by side begin anywhere.
  const turn = machine.index + Number.parseInt(lab.id, 36)
  return [
    ...['ip', 'netns', 'exec', lab.namespace, ...keptTo(turn)],
    ...[kernelProgram, `mem=${machine.memoryMiB}M`],
    ...[`ubda=${systemDisk(machine)},${lab.image}`, ...disks, 'root=/dev/ubda', 'rw'],
    `vec0:transport=tap,ifname=${tapOf(machine)},depth=128,gro=1,mac=02:78:00:00:00:${hex(machine.index + 11)}`,
    ...['con=null', 'con0=null,fd:1', `umid=${machine.name}`, `uml_dir=${machine.folder}/`],
    ...[`systemd.machine_id=${machineId(machine)}`, 'systemd.show_status=yes', 'quiet'],
    ...[`lab.node=${machine.name},${machine.address}`, `lab.folder=${identityFolder(machine)}`],
    // No ptrace for each system call.
    ...(lab.kernel ? [`lab.kernel=${lab.kernel}`, 'seccomp=on'] : []),
    ...(clockSkewSeconds ? [`lab.clock=${clockSkewSeconds}`] : []),
  ]
}

function hex(number: number): string {
  return number.toString(16).padStart(2, '0')
}

function machineId({ name }: MachineRecord): string {
  return Buffer.from(name.padEnd(16, '.').slice(0, 16)).toString('hex')
}
