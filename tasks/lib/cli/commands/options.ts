import type { OptionDefinition, Task } from '../task.ts'

/** The options of every task, as the operator types them; GlobalOptions has their values. */
export const globalOptions: Record<string, OptionDefinition> = {
  dryRun: { type: 'boolean', summary: 'show what would change and stop' },
  only: { type: 'list', summary: 'only these steps, by name', valueName: 'STEP,…' },
  yes: { type: 'boolean', short: 'y', summary: 'do not ask before applying a plan' },
  confirm: { type: 'string', summary: 'the name that a destructive task asks for', valueName: 'NAME' },
  verbose: { type: 'boolean', short: 'v', summary: 'show every command' },
  json: { type: 'boolean', summary: 'print one JSON document' },
  sandbox: { type: 'boolean', summary: 'rehearse the configuration in the sandbox' },
  help: { type: 'boolean', short: 'h', summary: 'show this help' },
}

/** One option under the name that its task reads. */
export interface Option {
  key: string
  /** --dry-run */
  flag: string
  definition: OptionDefinition
}

/** The task's own options, then the global ones; a task's own wins over a global one of the same name. */
export function optionsOf(task: Task): Option[] {
  return listOptions({ ...task.options, ...globalOptions, ...task.options })
}

/** The options of a table, in its order. */
export function listOptions(table: Record<string, OptionDefinition>): Option[] {
  return Object.entries(table).map(([key, definition]) => ({ key, flag: flagOf(key), definition }))
}

/** forceConflicts is --force-conflicts. */
function flagOf(key: string): string {
  return `--${key.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase()}`
}

/** What stands for the value in help and errors: FILE; empty for a flag. */
export function valueNameOf({ key, definition }: Option): string {
  if (definition.type === 'boolean') return ''
  if (definition.valueName !== undefined) return definition.valueName
  if (definition.choices !== undefined) return definition.choices.join('|')
  return definition.type === 'number' ? 'NUMBER' : flagOf(key).slice(2).toUpperCase()
}

/** Every spelling that is understood: --yes, --no-yes, -y. */
export function spellings({ flag, definition }: Option): string[] {
  const negated = definition.type === 'boolean' ? [`--no-${flag.slice(2)}`] : []
  return [flag, ...negated, ...(definition.short === undefined ? [] : [`-${definition.short}`])]
}

/** The name that usage lines and errors give an argument: NAME. */
export function argumentName(key: string): string {
  return flagOf(key).slice(2).toUpperCase()
}
