import { chmod, chown, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import type { MachineRecord } from './record.ts'

/** Who may log in, with the numbers that the image gives them. */
const users = {
  root: { home: 'root', id: 0 },
  ops: { home: 'home/ops', id: 1000 },
  careful: { home: 'home/careful', id: 1001 },
}

/** The files that a machine copies over its own at the first boot of its disk: lab-identity in the image. */
export function identityFolder(machine: MachineRecord): string {
  return join(machine.folder, 'identity')
}

/** Writes what makes a machine itself: name, table of hosts, host key, who may log in, what its kernel has built in. */
export async function writeIdentity(
  machine: MachineRecord,
  { hosts, authorizedKey, kernel }: { hosts: string; authorizedKey: string; kernel?: string },
): Promise<void> {
  const folder = identityFolder(machine)
  await mkdir(join(folder, 'etc/ssh'), { recursive: true })
  await writeFile(join(folder, 'etc/hostname'), `${machine.name}\n`)
  await writeFile(join(folder, 'etc/hosts'), hosts)
  for (const { home, id } of Object.values(users)) {
    const file = join(folder, home, '.ssh/authorized_keys')
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, authorizedKey, { mode: 0o600 })
    for (const path of [join(folder, home), dirname(file), file]) await chown(path, id, id)
    await chmod(join(folder, home), 0o700)
    await chmod(dirname(file), 0o700)
  }
  if (kernel) await cp(join(kernel, 'modules'), join(folder, 'usr/lib/modules'), { recursive: true })
  await newHostKey(machine)
}

/** Gives a machine another host key, which a new disk starts with. */
export async function newHostKey(machine: MachineRecord): Promise<void> {
  const file = hostKeyFile(machine)
  await rm(file, { force: true })
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', machine.name, '-f', file])
}

/** Type and key, as they stand in a line of known_hosts. */
export async function publicHostKey(machine: MachineRecord): Promise<string> {
  const [type, key] = (await readFile(`${hostKeyFile(machine)}.pub`, 'utf8')).split(' ')
  return `${type} ${key}`
}

function hostKeyFile(machine: MachineRecord): string {
  return join(identityFolder(machine), 'etc/ssh/ssh_host_ed25519_key')
}
