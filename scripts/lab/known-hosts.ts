import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { publicHostKey } from './identity.ts'
import type { LabRecord } from './record.ts'

/** The host keys of a lab's machines, for our own ssh. */
export function knownHostsFile(lab: LabRecord): string {
  return join(lab.folder, 'known_hosts')
}

/** Writes the keys that the machines have now. */
export async function writeKnownHosts(lab: LabRecord): Promise<void> {
  await writeFile(knownHostsFile(lab), await knownHosts(lab))
}

/** Lines of known_hosts for all machines, by name and by address. */
export async function knownHosts(lab: LabRecord): Promise<string> {
  const lines = lab.machines.map(
    async (machine) => `${machine.name},${machine.address} ${await publicHostKey(machine)}\n`,
  )
  return (await Promise.all(lines)).join('')
}
