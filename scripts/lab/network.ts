import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import type { LabRecord, MachineRecord } from './record.ts'

/** The address of the host inside a lab. */
const hostAddress = '10.78.0.1'

/** The address of the machine at a place, from 0. */
export function addressOf(index: number): string {
  return `10.78.0.${11 + index}`
}

/** The host's end of a machine's cable. */
export function tapOf(machine: MachineRecord): string {
  return `tap${machine.index}`
}

/** Makes a namespace of its own with a bridge and a cable for each machine: there is no way out of it. */
export async function createNetwork(lab: LabRecord): Promise<void> {
  await nameHosts(lab)
  await run(['ip', 'netns', 'add', lab.namespace])
  const taps = lab.machines.flatMap((machine) => [
    `tuntap add ${tapOf(machine)} mode tap`,
    `link set ${tapOf(machine)} master br0 up`,
  ])
  const lines = [
    'link set lo up',
    'link add br0 type bridge',
    `addr add ${hostAddress}/24 dev br0`,
    'link set br0 up',
    ...taps,
  ]
  await run(['ip', '-n', lab.namespace, '-batch', '-'], { input: `${lines.join('\n')}\n` })
}

/** Inside the namespace, names of machines lead to their addresses (man ip-netns: /etc/netns). */
async function nameHosts(lab: LabRecord): Promise<void> {
  await mkdir(join('/etc/netns', lab.namespace), { recursive: true })
  await writeFile(join('/etc/netns', lab.namespace, 'hosts'), hostsFile(lab))
}

/** The table of hosts, for the machines and for the host inside the namespace. */
export function hostsFile(lab: LabRecord): string {
  const lines = lab.machines.map(({ name, address }) => `${address} ${name}`)
  return ['127.0.0.1 localhost', ...lines, ''].join('\n')
}

/** Ends every process in a lab's namespace and removes it; nothing to do where it is gone. */
export async function removeNetwork({ namespace }: Pick<LabRecord, 'namespace'>): Promise<void> {
  while (await endProcesses(namespace)) await sleep(20)
  await run(['ip', 'netns', 'del', namespace], { allowFailure: true })
  await rm(join('/etc/netns', namespace), { recursive: true, force: true })
}

/** Only our machines and what we started beside them are in there. True while there are some left. */
async function endProcesses(namespace: string): Promise<boolean> {
  const found = await run(['ip', 'netns', 'pids', namespace], { allowFailure: true })
  const pids = found.exitCode === 0 ? found.stdout.split('\n').filter(Boolean).map(Number) : []
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  return pids.length > 0
}
