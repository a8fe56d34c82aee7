import { setTimeout as sleep } from 'node:timers/promises'
import { diskFile } from '../../scripts/lab/disks.ts'
import type { StartOptions, Where } from '../../scripts/lab/kernel-command.ts'
import {
  consoleText,
  powerCut,
  processOf,
  replaceMachine,
  restore,
  snapshot,
  startMachine,
  waitForBoot,
  waitForEnd,
} from '../../scripts/lab/machine.ts'
import { forgetConnection, sshCommand } from '../../scripts/lab/ssh.ts'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import { type Ran, run } from './cli.ts'
import { wholeInput } from './whole-input.ts'

/** One machine of a lab. */
export interface LabMachine {
  name: string
  address: string
  /** Runs a script as root, or as ops or careful, and gives its stdout; throws with all it printed when it fails. */
  sh(script: string, options?: ShellOptions): Promise<string>
  /** The same, whatever its exit code. */
  try(script: string, options?: ShellOptions): Promise<Ran>
  /** Runs a script again and again until it ends well. */
  until(script: string, seconds?: number): Promise<string>
  /** Boots; returns once ssh answers. */
  start(options?: StartOptions): Promise<void>
  /** Pulls the plug: what was not written is lost. */
  powerCut(): Promise<void>
  /** `poweroff`; returns once it is off. */
  shutdown(): Promise<void>
  /** `reboot`; returns once ssh answers again. */
  reboot(): Promise<void>
  /** Keeps the disks of a machine that is off. */
  snapshot(label: string): Promise<void>
  /** Gives a machine that is off the disks that it had. */
  restore(label: string): Promise<void>
  /** Another machine takes the place of this one, which is off: new system disk and host key, the same data disks. */
  replace(): Promise<void>
  /** File of a data disk on the host, from 1: /dev/ubdb inside. To be changed only while the machine is off. */
  disk(number: number): string
  consoleLog(): Promise<string>
  isUp(): Promise<boolean>
  /** This machine as lib/node knows machines. */
  asMachine(): Machine
}

export interface ShellOptions {
  input?: string | Uint8Array
  user?: 'root' | 'ops' | 'careful'
}

/** What a test does with a machine. */
export function labMachine(where: Where): LabMachine {
  const { machine } = where
  const attempt = (script: string, { input, user }: ShellOptions = {}) => {
    const [program, ...args] = sshCommand(where, user)
    return run(program!, [...args, script], { input })
  }
  const sh = async (script: string, options?: ShellOptions) => {
    const ran = await attempt(script, options)
    if (ran.exitCode !== 0) throw new Error(failure(machine.name, { script, ran }))
    return ran.stdout
  }
  return {
    ...{ name: machine.name, address: machine.address, sh, try: attempt },
    until: (script, seconds = 30) =>
      until(() => attempt(script), { seconds, what: `${machine.name}: ${script}` }),
    start: (options) => startMachine(where, options),
    powerCut: async () => {
      await powerCut(machine)
      await forgetConnection(where)
    },
    shutdown: async () => {
      await attempt('systemctl poweroff')
      await waitForEnd(machine, 60)
      await forgetConnection(where)
    },
    reboot: async () => {
      const from = (await consoleText(machine)).length
      await attempt('systemctl reboot')
      await waitForBoot(machine, from)
      await forgetConnection(where)
    },
    snapshot: (label) => snapshot(machine, label),
    restore: (label) => restore(machine, label),
    replace: () => replaceMachine(where),
    disk: (number) => diskFile(machine, number),
    consoleLog: () => consoleText(machine),
    isUp: async () => (await processOf(machine)) !== undefined,
    asMachine: () => asMachine(machine.name, attempt),
  }
}

function failure(name: string, { script, ran }: { script: string; ran: Ran }): string {
  const said = [ran.stdout, ran.stderr].filter(Boolean).join('\n').trimEnd()
  return `${name}: exit code ${ran.exitCode}: ${script}\n${said}`
}

async function until(
  attempt: () => Promise<Ran>,
  { seconds, what }: { seconds: number; what: string },
): Promise<string> {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const ran = await attempt()
    if (ran.exitCode === 0) return ran.stdout
    if (Date.now() > deadline) throw new Error(`not so within ${seconds} s: ${what}\n${ran.stderr}`)
    await sleep(200)
  }
}

// Both come by stdin, first the script. A file in memory, since an argument list holds no script of 128 KiB.
const runFromStdin = (length: number) =>
  `f=$(mktemp -p /dev/shm) && head -c ${length} >"$f" && sh "$f"; rc=$?; rm -f "$f"; exit $rc`

function asMachine(name: string, attempt: LabMachine['try']): Machine {
  return {
    name,
    label: name.split('.')[0]!,
    async run(script, { input = '', allowFailure } = {}) {
      const text = Buffer.from(script)
      const ran = await attempt(runFromStdin(text.length), {
        input: Buffer.concat([text, await wholeInput(input)]),
      })
      if (ran.exitCode !== 0 && !allowFailure) throw new Error(failure(name, { script, ran }))
      return { ...ran, exitCode: ran.exitCode ?? 1 }
    },
  }
}
