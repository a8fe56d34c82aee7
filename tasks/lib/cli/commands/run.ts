import { runAtEnd } from '../at-end.ts'
import { createOutput } from '../output.ts'
import { findProjectRoot, projectRoot } from '../root.ts'
import type { Task } from '../task.ts'
import { type NamedTask, parseCommandLine } from './arguments.ts'
import { taskHelp } from './help.ts'
import { withSignals } from './signals.ts'

/** Runs one task with what follows its name on the command line; gives the exit code. */
export async function runTask(named: NamedTask, argv: string[]): Promise<number> {
  const parsed = parseCommandLine(named, argv)
  if (parsed === 'help') {
    process.stdout.write(taskHelp(named))
    return 0
  }
  const { json, verbose } = parsed.options
  const root = rootFor(named.task)
  const output = createOutput({ json, verbose })
  try {
    return await withSignals((signal) =>
      runOrPlan(named.task, { ...parsed, name: named.name, argv, root, output, signal }),
    )
  } finally {
    output.findings(await runAtEnd())
  }
}

function rootFor(task: Task): string {
  const cwd = process.cwd()
  return task.anywhere ? (findProjectRoot(cwd) ?? cwd) : projectRoot(cwd)
}

type AnyContext = Parameters<NonNullable<Task['run']>>[0]

async function runOrPlan(task: Task, context: AnyContext): Promise<number> {
  if (task.run !== undefined) return (await task.run(context)) ?? 0
  const { runPlan } = await import('../plan/execute.ts')
  return runPlan(task, context)
}
