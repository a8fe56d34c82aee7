import { UsageError } from '../../cli/errors.ts'
import { childEnvironment } from '../../cli/process/child-environment.ts'
import { runForeground } from '../../cli/process/foreground.ts'
import { openFile } from '../edit/open-file.ts'
import { clearText, type Opened } from '../engine.ts'
import type { SecretProject } from '../project.ts'
import type { FileType } from '../stores/store.ts'
import { environmentOfOperator } from './child-variables.ts'
import { memoryFile } from './memory-file.ts'
import { variablesOf } from './variables.ts'

export interface ExecOptions {
  project: SecretProject
  /** Secret files by name or path; of two values for one variable the later one counts. */
  names: string[]
  /** The program and its words. */
  command: string[]
  /** {} in the words is a file with the clear text, instead of variables. */
  file: boolean
  /** What the file is written as. */
  format?: FileType
  /** Only the variables of the secrets, and a few that say where things are. */
  pristine: boolean
}

/** Runs a program that gets secrets as variables, or as a file that is in memory only; gives its exit code. */
export async function execWith({
  project,
  names,
  command,
  file,
  format,
  pristine,
}: ExecOptions): Promise<number> {
  const opened: Opened[] = []
  for (const name of names) opened.push((await openFile(name, project)).opened)
  const own = pristine ? childEnvironment() : environmentOfOperator()
  if (file) return execWithFile(command, { opened: opened[0]!, env: own, ...(format && { format }) })
  const env = Object.assign({}, own, ...opened.map(variablesOf))
  return (await runForeground(command, { env })).exitCode
}

async function execWithFile(
  command: string[],
  { opened, env, format }: { opened: Opened; env: Record<string, string>; format?: FileType },
): Promise<number> {
  const { descriptor, close } = memoryFile(await clearText(opened, { ...(format && { type: format }) }))
  try {
    const words = command.map((word) => word.replaceAll('{}', '/dev/fd/3'))
    return (await runForeground(words, { env, descriptors: [descriptor] })).exitCode
  } finally {
    close()
  }
}

/** Takes the command line apart at its first "--". Throws a UsageError where something is missing. */
export function splitCommand(
  argv: string[],
  { words, file }: { words: string[]; file: boolean },
): { names: string[]; command: string[] } {
  const at = argv.indexOf('--')
  const command = at < 0 ? [] : argv.slice(at + 1)
  const names = words.slice(0, words.length - command.length)
  const hint = 'tasks secrets:exec app -- psql -c "select 1"'
  if (command.length === 0)
    throw new UsageError('the program to run is missing: it stands behind --', { hint })
  if (names.length === 0)
    throw new UsageError('the secret file is missing: its name stands before --', { hint })
  const hasPlace = command.slice(1).some((word) => word.includes('{}'))
  if (file && !hasPlace)
    throw new UsageError('--file needs {} in the command, where the name of the file goes', {
      hint: 'tasks secrets:exec --file app -- docker compose --env-file {} up',
    })
  if (file && names.length > 1) throw new UsageError('--file is for one secret file')
  return { names, command }
}
