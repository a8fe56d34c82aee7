import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { type Ran, run } from './cli.ts'
import type { Lab } from './lab.ts'
import type { LabMachine } from './lab-machine.ts'

const tsx = fileURLToPath(import.meta.resolve('tsx'))
const killedTasks = fileURLToPath(new URL('./killed-tasks.ts', import.meta.url))

/**
 * When a run dies: right after its first change is done, or so many milliseconds after that change was started; "done@3",
 * "200@3": its third.
 */
export type Kill = 'done' | number | `${'done' | number}@${number}`

/** A run of the product's CLI in a lab that is killed with -9; one that has not so many changes ends by itself. */
export async function killedRun(lab: Lab, { args, kill }: { args: string[]; kill: Kill }): Promise<Ran> {
  const { argv, cwd, env } = lab.tasksCommand([])
  const words = [...argv.slice(0, -1), '--import', tsx, killedTasks, String(kill), ...args]
  return run(words[0]!, words.slice(1), { cwd, env })
}

/** The same, begun again while a command that an earlier run had begun is still at work on a machine. */
export async function patientRun(lab: Lab, { args, kill }: { args: string[]; kill?: Kill }): Promise<Ran> {
  for (;;) {
    const ran = await (kill === undefined ? lab.tasks(args) : killedRun(lab, { args, kill }))
    if (ran.exitCode !== 1 || !ran.stderr.includes('a command of another run is still at work')) return ran
    await sleep(2000)
  }
}

export interface KillSteps {
  /** A task with a plan, without --yes: ["node:prepare"]. */
  args: string[]
  /** For each run when it dies, over and over: each of them gets one change further, or none. */
  kills: Kill[]
  /** More runs than any plan has changes. */
  most?: number
}

/**
 * Runs a task again and again, each run killed at its first change, until one has nothing left to change. So every
 * change of the plan is made by a run of its own that died there. Gives how many runs were killed.
 */
export async function killAtEveryStep(lab: Lab, { args, kills, most = 60 }: KillSteps): Promise<number> {
  for (let runs = 0; runs < most; runs++) {
    const ran = await killedRun(lab, { args: [...args, '--yes'], kill: kills[runs % kills.length]! })
    if (ran.exitCode === 0) return runs
    // Killed, or refused because what a killed run has begun is still at work on the machine.
    if (ran.exitCode !== null) expect(ran.stderr).toContain('a command of another run is still at work')
  }
  throw new Error(`tasks ${args.join(' ')} was killed ${most} times and still has something to change`)
}

/** The changes that a task would make, by their titles. */
export async function plannedChanges(lab: Lab, args: string[]): Promise<string[]> {
  const ran = await lab.tasks([...args, '--dry-run', '--json'])
  expect(ran.stderr.split('\n').filter((line) => line.startsWith('error:'))).toEqual([])
  const plan: { steps: { changes: { title: string }[] }[] } = JSON.parse(ran.stdout)
  return plan.steps.flatMap(({ changes }) => changes.map(({ title }) => title))
}

/**
 * What a machine is after a run, as text that is the same whenever it is the same: files of /etc with their content
 * (enabled units are links there), mounts, swap, logical volumes, packages, modules, what runs.
 */
export function fingerprint(machine: LabMachine): Promise<string> {
  return machine.sh(fingerprintScript)
}

// Left out: what holds times or is made anew by programs that only look.
const fingerprintScript = `cd /etc
find . -xdev ! -path './lvm/archive*' ! -path './lvm/backup*' ! -path './lvm/devices*' ! -name ld.so.cache \\
  ! -name .pwd.lock ! -name mtab ! -name '*-' ! -name adjtime -type f -exec sha256sum {} + | sort -k2
find . -xdev ! -name ld.so.cache ! -name .pwd.lock ! -name '*-' ! -path './lvm/*' -printf '%M %u:%g %p -> %l\\n' | sort
echo '# mounts'; findmnt -rn -o TARGET,SOURCE,FSTYPE,OPTIONS --real | sort
echo '# swap'; tail -n +2 /proc/swaps | cut -d' ' -f1
echo '# volumes'; lvs --noheadings -o vg_name,lv_name,lv_size,lv_tags 2>/dev/null | sort
echo '# devices'; dmsetup ls 2>/dev/null | cut -f1 | sort
echo '# packages'; dpkg-query -W -f '\${Package} \${Status} \${Version}\\n'; dpkg --audit
echo '# modules'; cut -d' ' -f1 /proc/modules | sort
echo '# running'; systemctl list-units --no-legend --plain --type=service,mount,swap --state=active,failed | cut -d' ' -f1,3,4 | sort`
