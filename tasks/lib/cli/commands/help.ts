import type { ArgumentDefinition } from '../task.ts'
import { columns, wrap } from '../terminal/wrap.ts'
import type { NamedTask } from './arguments.ts'
import { argumentName, globalOptions, listOptions, type Option, optionsOf, valueNameOf } from './options.ts'

/** The text of `tasks NAME --help`. */
export function taskHelp({ name, task }: NamedTask): string {
  const own = optionsOf(task).filter(({ key }) => task.options?.[key] !== undefined)
  const others = optionsOf(task).filter(({ key }) => task.options?.[key] === undefined)
  const sections = [
    [usageLine({ name, task })],
    [task.summary],
    ...paragraphs(task.description ?? ''),
    section('arguments', columns(argumentRows(task.arguments ?? {}))),
    section('options', columns(own.map(optionRow))),
    section('options of every task', columns(others.map(optionRow))),
    section('examples', task.examples.flatMap(exampleLines)),
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

/** The options of every task, for `tasks --help`. */
export function globalOptionLines(): string[] {
  return section('options of every task', columns(listOptions(globalOptions).map(optionRow)))
}

function usageLine({ name, task }: NamedTask): string {
  const words = Object.entries<ArgumentDefinition>(task.arguments ?? {}).map(([key, definition]) => {
    const word = `${argumentName(key)}${definition.many ? '…' : ''}`
    return definition.required ? word : `[${word}]`
  })
  return ['usage: tasks', name, ...words, '[OPTIONS]'].join(' ')
}

// A paragraph whose lines are indented keeps them as they are: a table, a transcript.
function paragraphs(description: string): string[][] {
  return withoutIndent(description)
    .split(/\n\s*\n/)
    .map((text) => text.replace(/^\n+|\s+$/g, ''))
    .filter((text) => text !== '')
    .map((text) => (/^\s/.test(text) ? text.split('\n') : wrap(text, '')))
}

// Descriptions stand indented in the source.
function withoutIndent(text: string): string {
  const lines = text.split('\n')
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/))
  const common = Math.min(...indents.slice(text.startsWith('\n') ? 0 : 1), 80)
  return lines.map((line) => line.slice(Math.min(common, line.search(/\S|$/)))).join('\n')
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines]
}

function argumentRows(definitions: Record<string, ArgumentDefinition>) {
  return Object.entries(definitions).map(
    ([key, definition]) => [argumentName(key), definition.summary] as const,
  )
}

function optionRow(option: Option) {
  const { flag, definition } = option
  const short = definition.short === undefined ? '    ' : `-${definition.short}, `
  const left = `${short}${flag} ${valueNameOf(option)}`.trimEnd()
  return [left, [definition.summary, ...facts(option)].join('; ')] as const
}

function facts({ definition }: Option): string[] {
  const { choices, valueName, type, default: value } = definition
  const listed = choices !== undefined && valueName !== undefined ? [`one of ${choices.join(', ')}`] : []
  const usual =
    value === undefined || (type === 'boolean' && value === false) ? [] : [`default ${usualText(value)}`]
  return [...listed, ...usual]
}

function usualText(value: boolean | string | number): string {
  if (typeof value === 'boolean') return 'on'
  return value === '' ? '""' : String(value)
}

function exampleLines([command, meaning]: [command: string, meaning: string]): string[] {
  return [`  ${command}`, ...wrap(meaning, '      ')]
}
