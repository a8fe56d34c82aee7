import { type Finding, type Place, placeText } from '../cli/errors.ts'
import { didYouMean } from '../cli/suggest.ts'
import { unquoted } from './formats.ts'
import type { Variable } from './model.ts'
import { isSecretName, settingHint, variableDefinition } from './variable-table.ts'

/** A variable as a file, the environment or the table writes it, before $NAME is expanded. */
export interface Definition {
  name: string
  text: string
  /** False for single quotes and the environment: $ stands for itself. */
  expands: boolean
  origin: string
  place?: Place
}

export interface Resolver {
  variables: ReadonlyMap<string, Variable>
  /** Expands $NAME and ${NAME} in a text of cluster.yaml; what cannot be expanded becomes a finding. */
  expand(text: string, place: Place): string
  findings: Finding[]
}

const reference = /\\\$|\$\{([^}]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)/g

/** Expands all definitions. `environment` answers for names that are exported but not declared, such as HOME. */
export function resolveVariables(
  definitions: ReadonlyMap<string, Definition>,
  environment: Readonly<Record<string, string | undefined>>,
): Resolver {
  const variables = new Map<string, Variable>()
  const findings: Finding[] = []

  function valueFor(name: string, chain: string[]): string | undefined {
    const known = variables.get(name)
    if (known) return known.value
    const definition = definitions.get(name)
    if (!definition) return environment[name]
    if (chain.includes(name)) {
      report(
        definition.place,
        cycleMessage(name, chain),
        `write out one of them: ${name} needs its own value here`,
      )
      return undefined
    }
    const { text, expands, origin, place } = definition
    const value = tidy(name, expands ? replaceReferences(text, place, [...chain, name]) : text)
    const secret = isSecretName(name) || undefined
    variables.set(name, { name, value, origin, ...(place && { place }), ...(secret && { secret }) })
    return value
  }

  function replaceReferences(text: string, place: Place | undefined, chain: string[]): string {
    return text.replace(reference, (written, inBraces?: string, plain?: string) => {
      if (written === '\\$') return '$'
      const name = inBraces ?? plain!
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
        report(
          place,
          `${written} cannot be expanded here`,
          'only $NAME and ${NAME} can; write \\$ for a dollar sign',
        )
        return written
      }
      const value = valueFor(name, chain)
      if (value === undefined && !chain.includes(name)) report(place, `$${name} is not set`, unsetHint(name))
      return value ?? written
    })
  }

  function unsetHint(name: string): string {
    if (variableDefinition(name)) return settingHint(name)
    const near = didYouMean(
      name,
      [...definitions.keys()].map((other) => `$${other}`),
    )
    return near ?? `set ${name} too, or put the value in single quotes to keep the dollar sign`
  }

  function report(place: Place | undefined, message: string, hint: string): void {
    const said = findings.some((one) => one.message === message && placeText(one) === placeText(place ?? {}))
    if (!said) findings.push({ severity: 'error', ...place, message, hint })
  }

  for (const name of definitions.keys()) valueFor(name, [])
  return { variables, findings, expand: (text, place) => replaceReferences(text, place, []) }
}

// A list keeps its meaning without the quotes that old Makefiles put around it.
function tidy(name: string, value: string): string {
  const format = variableDefinition(name)?.format
  return format === 'names' || format === 'nodeNames' || format === 'addressRanges' ? unquoted(value) : value
}

function cycleMessage(name: string, chain: string[]): string {
  return `${[...chain.slice(chain.indexOf(name)), name].join(' → ')}: the value refers to itself`
}
