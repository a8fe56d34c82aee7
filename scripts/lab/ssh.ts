import { join } from 'node:path'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import type { Where } from './kernel-command.ts'
import { knownHostsFile } from './known-hosts.ts'
import type { LabRecord } from './record.ts'

/** The private key that opens every machine of a lab, as root, ops and careful. */
export function keyFile(lab: LabRecord): string {
  return join(lab.folder, 'id_ed25519')
}

/** The program that reaches a lab's machines from outside: words before ssh's own arguments. */
export function sshProgram(lab: LabRecord): string[] {
  return ['ip', 'netns', 'exec', lab.namespace, 'ssh']
}

/** A whole command line up to the remote command: as root, over one connection per machine. */
export function sshCommand({ lab, machine }: Where, user = 'root'): string[] {
  const options = {
    BatchMode: 'yes',
    UserKnownHostsFile: knownHostsFile(lab),
    StrictHostKeyChecking: 'yes',
    ControlMaster: 'auto',
    ControlPath: join(lab.folder, 'ssh-%C'),
    ControlPersist: '600',
    ConnectTimeout: '20',
    // A machine that was reset does not say so.
    ServerAliveInterval: '5',
    ServerAliveCountMax: '4',
    LogLevel: 'ERROR',
  }
  const words = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  const target = `${user}@${machine.address}`
  return [...sshProgram(lab), '-F', 'none', '-i', keyFile(lab), ...words, target]
}

/** Ends the connection to a machine that is off; the next one would wait for its answer. */
export async function forgetConnection(where: Where): Promise<void> {
  for (const user of ['root', 'ops', 'careful']) {
    await run([...sshCommand(where, user), '-O', 'exit'], { allowFailure: true })
  }
}
