import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import type { Where } from './lab/kernel-command.ts'
import { createLab, keptLab, removeLab } from './lab/lab.ts'
import {
  consoleText,
  powerCut,
  processOf,
  replaceMachine,
  restore,
  snapshot,
  startMachine,
} from './lab/machine.ts'
import type { LabRecord } from './lab/record.ts'
import { forgetConnection, keyFile, sshCommand, sshProgram } from './lab/ssh.ts'

const usage = `Real machines to try things on: User Mode Linux with Debian 12, in a network without a way out. As root.

  npm run lab -- up [COUNT] [--disks 1G,1G] [--memory MIB]   boots kube1, kube2 …; --fast: with a kernel of their own
  npm run lab -- status                                      what runs, and how to reach it
  npm run lab -- ssh NAME [COMMAND]                          as root
  npm run lab -- power-cut NAME | start NAME | console NAME
  npm run lab -- snapshot NAME LABEL | restore NAME LABEL    of a machine that is off
  npm run lab -- replace NAME                                new system disk and host key, the same data disks
  npm run lab -- down                                        ends it without a trace`

const progress = { say: (text: string) => console.error(text), signal: new AbortController().signal }

type Words = string[]
const ofMachine: Record<string, (where: Where, words: Words) => unknown> = {
  ssh: (where, words) => {
    const [program, ...args] = sshCommand(where)
    process.exitCode = spawnSync(program!, [...args, ...words], { stdio: 'inherit' }).status ?? 1
  },
  'power-cut': async (where) => {
    await powerCut(where.machine)
    await forgetConnection(where)
  },
  start: (where) => startMachine(where),
  console: async ({ machine }) => console.log(await consoleText(machine)),
  snapshot: ({ machine }, [label = 'default']) => snapshot(machine, label),
  restore: ({ machine }, [label = 'default']) => restore(machine, label),
  replace: (where) => replaceMachine(where),
}

await main(process.argv.slice(2)).catch((error: Error & { code?: string }) => {
  const isUsage = error.code?.startsWith('ERR_PARSE_ARGS') ?? false
  const said = isUsage ? `${error.message.split('. ')[0]}\n\n${usage}` : error.message
  console.error(`error: ${said}`)
  process.exitCode = isUsage ? 64 : 1
})

async function main([command = '', name = '', ...words]: Words): Promise<void> {
  if (command === 'up') return up([name, ...words].filter(Boolean))
  const onMachine = ofMachine[command]
  if (!onMachine && command !== 'down' && command !== 'status') {
    console.error(usage)
    process.exitCode = 64
    return
  }
  const lab = await keptLab()
  if (!lab) throw new Error('no lab runs; start one: npm run lab -- up')
  if (command === 'down') return removeLab(lab)
  if (!onMachine) return status(lab)
  const machine = lab.machines.find((one) => one.name === name)
  if (!machine)
    throw new Error(`no machine ${name}; there are ${lab.machines.map((one) => one.name).join(', ')}`)
  await onMachine({ lab, machine }, words)
}

async function up(args: Words): Promise<void> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      disks: { type: 'string', default: '1G' },
      memory: { type: 'string', default: '384' },
      fast: { type: 'boolean' },
    },
  })
  if (await keptLab())
    throw new Error('a lab runs already; see npm run lab -- status, end it: npm run lab -- down')
  const machines = Array.from({ length: Number(positionals[0] ?? 1) }, (_, index) => ({
    name: `kube${index + 1}`,
    disks: values.disks.split(',').filter(Boolean),
    memoryMiB: Number(values.memory),
  }))
  const lab = await createLab({ ...progress, machines, fast: values.fast, keep: true })
  await Promise.all(lab.machines.map((machine) => startMachine({ lab, machine })))
  await status(lab)
}

async function status(lab: LabRecord): Promise<void> {
  for (const machine of lab.machines) {
    const running = await processOf(machine)
    console.log(`${machine.name}\t${machine.address}\t${running ? `on (process ${running.pid})` : 'off'}`)
  }
  console.log(`\nfiles: ${lab.folder}\nssh:   ${sshProgram(lab).join(' ')} -i ${keyFile(lab)} root@NAME`)
}
