import { randomBytes } from 'node:crypto'
import type { Progress } from '../../cli/change.ts'
import { errorFindings } from '../../cli/commands/error-findings.ts'
import { isAbort } from '../../cli/commands/signals.ts'
import { TaskError } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import type { Machine, ScriptResult } from '../machine.ts'
import type { Action } from '../resource.ts'
import { sameEverywhere } from './frame.ts'

/** Runs an action's commands in one round trip; the first that fails ends them and is named in the error. */
export async function runAction(machine: Machine, action: Action, progress?: Progress): Promise<void> {
  try {
    await runCommands(machine, action, progress)
  } catch (error) {
    throw await takenBack(error, { action, progress })
  }
  await action.takeBack?.()
}

// What went wrong is told first, and after it that what was given out for the action could not be taken back.
async function takenBack(
  error: unknown,
  { action, progress }: { action: Action; progress?: Progress },
): Promise<unknown> {
  try {
    await action.takeBack?.()
    return error
  } catch (second) {
    const isStopped = progress !== undefined && isAbort(error, progress.signal)
    const findings = [...(isStopped ? [] : errorFindings(error)), ...errorFindings(second)]
    return new TaskError(findings[0]!.message, { findings, cause: error })
  }
}

async function runCommands(machine: Machine, action: Action, progress?: Progress): Promise<void> {
  const { commands, title, timeoutSeconds } = action
  const mark = randomBytes(16).toString('hex')
  const input = await action.input?.(progress)
  // Not ended by Ctrl-C: what has begun on a machine is finished.
  const options = { input, title, timeoutSeconds, allowFailure: true }
  const result = await machine.run(actionScript(commands, mark), options)
  const last = lastMark(result.stderr, mark)
  if (result.exitCode !== 0 || !last.isWhole) throw failure(machine, { action, result, last })
  await action.output?.(result.stdout)
}

/** The script that runs the commands: each is evaluated as it stands, after a line on stderr that tells how far it came. */
function actionScript(commands: readonly string[], mark: string): string {
  const marked = commands.flatMap((command, index) => [
    `printf '\\n%s\\n' '${mark} ${index}' >&2`,
    `eval ${quote(command)}`,
  ])
  return `set -eu; ${sameEverywhere}\n${marked.join('\n')}\nprintf '\\n%s\\n' '${mark} whole' >&2\n`
}

interface LastMark {
  isWhole: boolean
  /** Of the command that ran last; undefined when none did. */
  index?: number
  /** What it wrote to stderr. */
  words: string
}

function lastMark(stderr: string, mark: string): LastMark {
  const found = [...stderr.matchAll(new RegExp(`\\n${mark} (\\d+|whole)\\n`, 'g'))].at(-1)
  if (!found) return { isWhole: false, words: stderr }
  const words = stderr.slice(found.index + found[0].length)
  return found[1] === 'whole' ? { isWhole: true, words } : { isWhole: false, index: Number(found[1]), words }
}

function failure(
  machine: Machine,
  { action, result, last }: { action: Action; result: ScriptResult; last: LastMark },
): TaskError {
  const [command, ...more] = (last.index === undefined ? action.title : action.commands[last.index]!).split(
    '\n',
  )
  const said = last.words.trim() || result.stdout.trim()
  const lines = said.split('\n').slice(-10).join('\n')
  const end =
    result.exitCode === 0 ? 'ended before its last command' : `failed with exit code ${result.exitCode}`
  return new TaskError(
    `${machine.name}: ${command}${more.length > 0 ? ' …' : ''} ${end}${lines && `\n${lines}`}`,
    {
      hint: `mend it on ${machine.label}, then run the same command again: it goes on from here`,
    },
  )
}
