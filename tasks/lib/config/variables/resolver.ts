import { type Finding, type Place, placeText } from '../../cli/errors.ts'
import { didYouMean } from '../../cli/suggest.ts'
import type { Variable } from '../model.ts'
import { unquoted } from './formats.ts'
import { isSecretName, settingHint, variableDefinition } from './variable-table.ts'

/** A variable as a file, the environment or the table writes it, before $NAME is expanded. */
export interface Definition {
  name: string
  text: string
  /** False for single quotes and the environment: $ stands for itself. */
  expands: boolean
  origin: string
  place?: Place
  /** Its reader expands it once more and says what is not set, more exactly. */
  readAgain?: boolean
}

interface Expansion {
  place?: Place
  /** The variables whose values are being expanded, outermost first. */
  chain: string[]
  quiet?: boolean
  /** The variable whose value must not be quoted, not even in part. */
  secret?: string
}

interface Words {
  message: string
  hint: string
}

const reference = /\\\$|\$\{([^}]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)/g
const validName = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Expands $NAME and ${NAME}, once: values are not scanned again. What cannot be expanded becomes a finding. */
export class Resolver {
  readonly variables = new Map<string, Variable>()
  readonly findings: Finding[] = []
  /** Variables whose value holds a reference that could not be expanded: further checks of them mean nothing. */
  readonly broken = new Set<string>()
  readonly #definitions: ReadonlyMap<string, Definition>
  readonly #environment: Readonly<Record<string, string | undefined>>

  /** The environment answers for names that are exported but not declared, such as HOME. */
  constructor(definitions: ReadonlyMap<string, Definition>, environment: Record<string, string | undefined>) {
    this.#definitions = definitions
    this.#environment = environment
    for (const name of definitions.keys()) this.#valueOf(name, [])
  }

  /** The text with its references expanded; undefined where that cannot be: given a place, that is a finding. */
  expand(text: string, place?: Place): string | undefined {
    return this.#expandText(text, { place, chain: [], quiet: place === undefined })
  }

  #valueOf(name: string, chain: string[]): string | undefined {
    const definition = this.#definitions.get(name)
    if (!definition) return this.#environment[name]
    if (!this.variables.has(name)) {
      if (chain.includes(name)) return this.#reportCycle(definition, chain)
      this.#resolve(definition, [...chain, name])
    }
    return this.broken.has(name) ? undefined : this.variables.get(name)!.value
  }

  #resolve({ name, text, expands, origin, place, readAgain }: Definition, chain: string[]): void {
    const secret = isSecretName(name)
    const expansion = { place, chain, quiet: readAgain, ...(secret && { secret: name }) }
    const value = expands ? this.#expandText(text, expansion) : text
    if (value === undefined) this.broken.add(name)
    this.variables.set(name, {
      name,
      value: tidy(name, value ?? text),
      origin,
      ...(place && { place }),
      ...(secret && { secret }),
    })
  }

  #expandText(text: string, expansion: Expansion): string | undefined {
    let whole = true
    const expanded = text.replace(reference, (written, inBraces?: string, plain?: string) => {
      if (written === '\\$') return '$'
      const value = this.#referenced(inBraces ?? plain!, { written, ...expansion })
      whole &&= value !== undefined
      return value ?? written
    })
    return whole ? expanded : undefined
  }

  #referenced(name: string, expansion: Expansion & { written: string }): string | undefined {
    const value = validName.test(name) ? this.#valueOf(name, expansion.chain) : undefined
    const known = this.#definitions.has(name) || value !== undefined
    if (!known && !expansion.quiet) this.#report(expansion.place, this.#unexpanded(name, expansion))
    return value
  }

  #unexpanded(name: string, { written, secret }: Expansion & { written: string }): Words {
    if (secret) {
      const message = `a "$" in the value of ${secret} begins the name of nothing that is set`
      return { message, hint: 'put the value in single quotes to keep the dollar sign' }
    }
    if (validName.test(name)) return { message: `$${name} is not set`, hint: this.#unsetHint(name) }
    const hint = 'only $NAME and ${NAME} can; write \\$ for a dollar sign'
    return { message: `${written} cannot be expanded here`, hint }
  }

  #unsetHint(name: string): string {
    if (variableDefinition(name)) return settingHint(name)
    const known = [...this.#definitions.keys()]
    const near = didYouMean(
      name,
      known.filter((one) => one !== name),
    )
    return near ?? `set ${name} too, or put the value in single quotes to keep the dollar sign`
  }

  #reportCycle({ name, place }: Definition, chain: string[]): undefined {
    const loop = [...chain.slice(chain.indexOf(name)), name].join(' → ')
    const hint = `write out one of them: ${name} needs a value of its own`
    return this.#report(place, { message: `${loop}: the value refers to itself`, hint })
  }

  #report(place: Place | undefined, words: Words): undefined {
    const at = placeText(place ?? {})
    const said = this.findings.some((one) => one.message === words.message && placeText(one) === at)
    if (!said) this.findings.push({ severity: 'error', ...place, ...words })
    return undefined
  }
}

// A list keeps its meaning without the quotes that old Makefiles put around it.
function tidy(name: string, value: string): string {
  const format = variableDefinition(name)?.format
  return format === 'names' || format === 'nodeNames' || format === 'addressRanges' ? unquoted(value) : value
}
