import type { Place } from '../../../cli/errors.ts'
import type { Assignment } from './assignments.ts'

/** A variable of the Makefiles: the value that make would use. */
export interface MakeVariable {
  name: string
  /** With its $(NAME)s. */
  text: string
  place: Place
  exported: boolean
  /** What ":=" worked out when it was read. */
  now?: string
  /** The operator's environment gave the value, as "?=" lets it. */
  fromEnvironment?: boolean
}

/** What make knows: its variables, and the environment it is started in. */
export interface Make {
  variables: ReadonlyMap<string, MakeVariable>
  environment: Environment
}

/** Why a value cannot be known without running make. */
export interface NotKnown {
  reason: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** Every variable by name, with make's rules: the first "?=" counts, unless the environment has the name; else the last. */
export function makeVariables(assignments: Assignment[], environment: Environment): Make {
  const variables = new Map<string, MakeVariable>()
  const make = { variables, environment }
  for (const assignment of assignments) {
    const { name, operator, text, exported, conditional } = assignment
    const known = variables.get(name)
    if (known && exported) known.exported = true
    const adds = operator !== '+=' || text !== '' || !known
    if (conditional || (operator === '?=' && known) || !adds) continue
    variables.set(name, assigned(assignment, { known, make }))
  }
  for (const variable of variables.values()) keepNames(variable, make)
  return make
}

function assigned(
  { name, operator, text: written, place, exported }: Assignment,
  { known, make }: { known?: MakeVariable; make: Make },
): MakeVariable {
  const outside = operator === '?=' ? make.environment[name] : undefined
  const text =
    outside?.replaceAll('$', '$$$$') ?? (operator === '+=' && known ? appended(known.text, written) : written)
  const atOnce = operator === ':=' || (operator === '+=' && known?.now !== undefined)
  const added = atOnce ? textOf(written, make) : undefined
  const now = typeof added === 'string' && operator === '+=' ? appended(known!.now!, added) : added
  return {
    name,
    text,
    place,
    exported: exported || (known?.exported ?? false),
    ...(typeof now === 'string' && { now }),
    ...(outside !== undefined && { fromEnvironment: true }),
  }
}

function appended(text: string, more: string): string {
  return text === '' ? more : `${text} ${more}`
}

// What ":=" worked out at once may be written with its names as long as they mean the same in the end.
function keepNames(variable: MakeVariable, make: Make): void {
  if (variable.now === undefined || textOf(variable.text, make, [variable.name]) === variable.now) return
  variable.text = variable.now.replaceAll('$', '$$$$')
}

/** A piece of a value: text, or the name of another variable. */
export type MakePart = { text: string } | { name: string }

/** The pieces of a value; NotKnown where a function of make has a say. */
export function partsOf(text: string): MakePart[] | NotKnown {
  const parts: MakePart[] = []
  let from = 0
  for (const match of text.matchAll(/\$(?:\$|\(([^()$]*)\)|\{([^{}$]*)\}|(.?))/g)) {
    if (match.index > from) parts.push({ text: text.slice(from, match.index) })
    const name = match[1] ?? match[2] ?? match[3]
    from = match.index + match[0].length
    if (match[0] === '$$') parts.push({ text: '$' })
    else if (name && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) parts.push({ name })
    else return { reason: functionReason(text.slice(match.index)) }
  }
  if (from < text.length) parts.push({ text: text.slice(from) })
  return parts
}

function functionReason(rest: string): string {
  const name = /^\$[({]([a-z]+)\s/.exec(rest)?.[1]
  if (name === 'shell') return 'is what a command prints'
  return name ? `is worked out by make's ${name}` : 'is worked out by make'
}

/** The value with every name worked out; an unset one is empty, as in make. */
export function makeText(name: string, make: Make, chain: string[] = []): string | NotKnown {
  if (chain.includes(name)) return { reason: `refers to itself by way of ${name}` }
  const variable = make.variables.get(name)
  if (!variable) return make.environment[name] ?? ''
  return variable.now ?? textOf(variable.text, make, [...chain, name])
}

function textOf(text: string, make: Make, chain: string[] = []): string | NotKnown {
  const parts = partsOf(text)
  if (!Array.isArray(parts)) return parts
  const texts = parts.map((part) => ('text' in part ? part.text : makeText(part.name, make, chain)))
  return texts.find((one) => typeof one !== 'string') ?? texts.join('')
}
