import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plan } from './change.ts'
import type { Output } from './output.ts'

/**
 * What a task file default-exports: its definition, typed. When node was started with that very file
 * (npx tsx tasks/install.ts), it also runs, as `tasks install` would.
 */
export function defineTask<
  const A extends ArgumentTable = Record<never, never>,
  const O extends OptionTable = Record<never, never>,
>(meta: ImportMeta, definition: TaskDefinition<A, O>): TaskDefinition<A, O> {
  if (isProgram(meta)) queueMicrotask(() => runAsProgram(meta, definition))
  return definition
}

// The program may be named through a link, and without its ".ts".
function isProgram(meta: ImportMeta): boolean {
  const program = process.argv[1]
  if (program === undefined || !meta.url.startsWith('file:')) return false
  const file = fileURLToPath(meta.url)
  return [program, `${program}.ts`].some((path) => realpath(path) === file)
}

function realpath(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}

async function runAsProgram(meta: ImportMeta, task: Task): Promise<void> {
  const { mainOfFile } = await import('./commands/main.ts')
  process.exitCode = await mainOfFile({ file: fileURLToPath(meta.url), task }, process.argv.slice(2))
}

/** The groups of `tasks`, in the order in which the list prints them. */
export const groups = ['start', 'manifests', 'secrets', 'nodes', 'volumes', 'cluster', 'sandbox'] as const
export type Group = (typeof groups)[number]

/** What the shell offers after <TAB>, besides the choices of an option. */
export type Completion = 'manifests' | 'nodes' | 'files' | 'tasks'

export interface ArgumentDefinition {
  summary: string
  required?: boolean
  /** Takes all that follow; only the last argument may. */
  many?: boolean
  complete?: Completion
}

export interface OptionDefinition {
  /** list: given once per value or with commas. */
  type: 'boolean' | 'string' | 'number' | 'list'
  summary: string
  /** One letter: "o" for -o. */
  short?: string
  choices?: readonly string[]
  default?: boolean | string | number
  /** What --help prints for the value: FILE. */
  valueName?: string
  complete?: Completion
}

export type ArgumentTable = Record<string, ArgumentDefinition>
export type OptionTable = Record<string, OptionDefinition>

type ArgumentValue<D extends ArgumentDefinition> = D['many'] extends true
  ? string[]
  : D['required'] extends true
    ? string
    : string | undefined
type BaseValue<D extends OptionDefinition> = D['type'] extends 'boolean'
  ? boolean
  : D['type'] extends 'number'
    ? number
    : D['type'] extends 'list'
      ? string[]
      : D['choices'] extends readonly (infer Choice extends string)[]
        ? Choice
        : string
type OptionValue<D extends OptionDefinition> = D['type'] extends 'boolean' | 'list'
  ? BaseValue<D>
  : D['default'] extends string | number
    ? BaseValue<D>
    : BaseValue<D> | undefined

/** Options that mean the same in every task. */
export interface GlobalOptions {
  /** Show what would change and stop. */
  dryRun: boolean
  /** Only these steps, by name. */
  only: string[]
  /** Do not ask before applying a plan; never answers a question for a name. */
  yes: boolean
  /** The name that a destructive task asks for. */
  confirm?: string
  verbose: boolean
  /** One JSON document on stdout. */
  json: boolean
  /** Rehearse the configuration in the sandbox. */
  sandbox: boolean
}

/** What a running task has in hand. */
export interface Context<A = Record<string, unknown>, O = Record<string, unknown>> {
  /** The task's name as it is typed: "secrets:new". */
  name: string
  /** What was typed after it. */
  argv: string[]
  arguments: A
  options: O & GlobalOptions
  /** Absolute path of the project root. */
  root: string
  output: Output
  /** Aborted by the first Ctrl-C: finish what is in flight, start nothing new. */
  signal: AbortSignal
}

export interface TaskDefinition<A extends ArgumentTable, O extends OptionTable> {
  group: Group
  /** One line for the list: lower case, no full stop. */
  summary: string
  /** Further paragraphs for --help. */
  description?: string
  arguments?: A
  options?: O
  /** Command lines with what they do; at least one. */
  examples: [command: string, meaning: string][]
  /** Names from earlier toolkits that answer "did you mean": persistent_dirs, install/limits. */
  oldNames?: string[]
  /** Runs outside any project too; the root is then the current folder. */
  anywhere?: boolean
  /** Does the work and gives the exit code, 0 when nothing is returned. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most tasks return nothing
  run?(context: TaskContext<A, O>): Promise<number | void>
  /** Computes what would change, reading only; confirming, running, verifying and reporting are the runner's. */
  plan?(context: TaskContext<A, O>): Promise<Plan>
  /** For a destructive plan: the name that has to be typed, or given by --confirm. */
  confirmName?(context: TaskContext<A, O>): string | undefined
}

export type TaskContext<
  A extends ArgumentTable = ArgumentTable,
  O extends OptionTable = OptionTable,
> = Context<{ [K in keyof A]: ArgumentValue<A[K]> }, { [K in keyof O]: OptionValue<O[K]> }>

/** A command: what its file default-exports. */
// biome-ignore lint/suspicious/noExplicitAny: the tables of all tasks have no other common type
export type Task = TaskDefinition<any, any>
