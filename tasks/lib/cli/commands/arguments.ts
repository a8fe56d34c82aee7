import { type Finding, UsageError } from '../errors.ts'
import { didYouMean } from '../suggest.ts'
import type { ArgumentDefinition, GlobalOptions, Task } from '../task.ts'
import { argumentName, optionsOf } from './options.ts'
import { readTokens, type Tokens } from './tokens.ts'
import { optionValues, type Value } from './values.ts'

/** A task with the name under which it was called. */
export interface NamedTask {
  name: string
  task: Task
}

/** The typed values of one command line. */
export interface ParsedCommandLine {
  arguments: Record<string, string | string[] | undefined>
  options: Record<string, Value> & GlobalOptions
}

/** Parses what follows `tasks NAME`: its values, "help" when help is asked for, or one UsageError with every finding. */
export function parseCommandLine({ name, task }: NamedTask, argv: string[]): ParsedCommandLine | 'help' {
  const options = optionsOf(task)
  const tokens = readTokens(argv, options)
  if (tokens.uses.some((use) => use.option.key === 'help' && use.text === undefined)) return 'help'
  const values = optionValues(options, tokens.uses)
  const words = argumentValues({ name, task }, tokens)
  throwUsage(name, [...tokens.findings, ...values.findings, ...words.findings])
  const { help: _, ...given } = values.values
  return { arguments: words.values, options: given as ParsedCommandLine['options'] }
}

function argumentValues({ name, task }: NamedTask, tokens: Tokens) {
  const values: ParsedCommandLine['arguments'] = {}
  const findings: Finding[] = []
  const words = [...tokens.words]
  for (const [key, definition] of Object.entries<ArgumentDefinition>(task.arguments ?? {})) {
    const given = words.splice(0, definition.many ? words.length : 1)
    values[key] = definition.many ? given : given[0]
    if (given.length > 0 || !definition.required) continue
    findings.push({ severity: 'error', message: `${argumentName(key)} is missing: ${definition.summary}` })
  }
  if (!tokens.hasUnknown) findings.push(...words.map((word) => unexpected(word, { name, task })))
  return { values, findings }
}

function unexpected(word: string, { name, task }: NamedTask): Finding {
  const names = Object.keys(task.arguments ?? {}).map(argumentName)
  const takes = names.length === 0 ? 'takes no arguments' : `takes only ${names.join(' ')}`
  const flags = optionsOf(task).map((option) => option.flag)
  const isFlag = flags.includes(`--${word}`)
  const hint = isFlag ? didYouMean(`--${word}`, flags) : undefined
  return { severity: 'error', message: `unexpected argument ${word}: tasks ${name} ${takes}`, hint }
}

function throwUsage(name: string, findings: Finding[]): void {
  if (findings.length === 0) return
  const help = `see tasks ${name} --help`
  const hinted = findings.map(({ hint, ...finding }) => ({
    ...finding,
    hint: hint ? `${hint} ${help}` : help,
  }))
  const message = hinted.length === 1 ? hinted[0]!.message : `${hinted.length} errors in the command line`
  throw new UsageError(message, { findings: hinted })
}
