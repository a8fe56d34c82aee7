import type { Place } from '../../../cli/errors.ts'
import type { Assignment } from './assignments.ts'

/** A variable of the Makefiles: the value that make would use. */
export interface MakeVariable {
  name: string
  /** With its $(NAME)s. */
  text: string
  place: Place
  exported: boolean
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
  for (const { name, operator, text, place, exported, conditional } of assignments) {
    const known = variables.get(name)
    if (conditional || (operator === '?=' && known)) {
      if (known && exported) known.exported = true
      continue
    }
    const outside = operator === '?=' ? environment[name] : undefined
    const joined = operator === '+=' && known ? `${known.text} ${text}` : text
    variables.set(name, {
      name,
      text: outside?.replaceAll('$', '$$$$') ?? joined,
      place,
      exported: exported || (known?.exported ?? false),
      ...(outside !== undefined && { fromEnvironment: true }),
    })
  }
  return { variables, environment }
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
  const parts = partsOf(variable.text)
  if (!Array.isArray(parts)) return parts
  const texts = parts.map((part) =>
    'text' in part ? part.text : makeText(part.name, make, [...chain, name]),
  )
  const unknown = texts.find((text) => typeof text !== 'string')
  return unknown ?? texts.join('')
}
