import fs, { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import type { Change, Check, Plan } from '../../tasks/lib/cli/change.ts'
import { withSignals } from '../../tasks/lib/cli/commands/signals.ts'
import { createOutput } from '../../tasks/lib/cli/output.ts'
import { runPlan } from '../../tasks/lib/cli/plan/execute.ts'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import type { Context } from '../../tasks/lib/cli/task.ts'
import { askHidden } from '../../tasks/lib/cli/terminal/prompts.ts'

// A program of its own, so that tests can kill it: its plan creates files a to e in a folder.
// Usage: files-task FOLDER MODE [--ask]

const [root, mode = 'plain', ...argv] = process.argv.slice(2) as [string, ...string[]]
const steps: [name: string, files: string[]][] = [
  ['first', ['a', 'b']],
  ['second', ['c', 'd', 'e']],
]

if (mode.startsWith('kill:')) killWhileWriting(mode)
process.exitCode = await withSignals(async (signal) => {
  const output = createOutput({})
  if (mode === 'hidden') output.line(`got ${(await askHidden('passphrase?')).length} characters`)
  const options = {
    dryRun: false,
    only: [],
    yes: !argv.includes('--ask'),
    verbose: false,
    json: false,
    sandbox: false,
  }
  const context: Context = { name: 'files', argv, arguments: {}, options, root, output, signal }
  return runPlan({ group: 'start', summary: '', examples: [], plan: async () => plan() }, context)
})

function plan(): Plan {
  return {
    target: 'folder',
    findings: [],
    steps: steps.map(([name, files]) => {
      const missing = files.filter((file) => !existsSync(join(root, file)))
      const there = files.filter((file) => !missing.includes(file))
      const waves = [{ changes: missing.map(creation), parallel: 2, gate: true }]
      return { name, title: `Create the ${name} files`, waves, unchanged: there.map(presence) }
    }),
  }
}

function presence(file: string): Check {
  return {
    target: file,
    verify: async () => {
      if (readFileSync(join(root, file), 'utf8') !== `${file}\n`) throw new Error(`${file} is damaged`)
    },
  }
}

function creation(file: string): Change {
  return {
    ...presence(file),
    action: 'create',
    title: `create ${file}`,
    before: [],
    after: [file],
    run: async ({ say, signal }) => {
      await pauseFor({ file, say, signal })
      writeFileSync(join(root, file), `${file}\n`)
    },
  }
}

async function pauseFor({
  file,
  say,
  signal,
}: {
  file: string
  say(text: string): void
  signal: AbortSignal
}) {
  const waiting = { 'in-flight': 'cd', stuck: 'cd', sleep: 'c' }[mode] ?? ''
  if (!waiting.includes(file)) return
  say(`${file} is in flight`)
  // The program in its own process group must not hear the Ctrl-C of the terminal.
  if (mode === 'sleep')
    await run(['sh', '-c', 'echo started >&2; sleep 1'], { onOutput: () => say('sleep is in flight') })
  else {
    const alive = setInterval(() => {}, 1000)
    await new Promise<void>(
      (resolve) => mode === 'in-flight' && signal.addEventListener('abort', () => resolve()),
    )
    clearInterval(alive)
  }
}

// Dies while the journal's Nth line is written: with half of it on disk, or all.
function killWhileWriting(how: string): void {
  const [, line, part] = how.split(':')
  const write = fs.writeSync as (descriptor: number, text: string) => number
  let written = 0
  fs.writeSync = ((descriptor: number, text: string) => {
    const last = ++written === Number(line)
    const bytes = write(descriptor, last && part === 'half' ? text.slice(0, text.length / 2) : text)
    if (last) process.kill(process.pid, 'SIGKILL')
    return bytes
  }) as typeof fs.writeSync
  syncBuiltinESMExports()
}
