import type { Place } from '../../../cli/errors.ts'
import { filters } from './jinja-filters.ts'
import { type Placed, settingsOf, textOf } from './placed.ts'

/** Answers for the names in a template. */
export interface Scope {
  variable(name: string): Placed | undefined
}

/** A template whose value cannot be known from the files alone. */
export class Unresolved extends Error {
  readonly place: Place
  constructor(place: Place, message: string) {
    super(message)
    this.place = place
  }
}

/** The value with "{{ … }}" at its top worked out; what lies inside a map or a list is left for when it is asked for. */
export function resolveTemplate(value: Placed, scope: Scope, depth = 0): Placed {
  if (value.isVault) throw new Unresolved(value.place, 'is encrypted with ansible-vault')
  const { content, place } = value
  if (typeof content !== 'string' || !/\{[{%#]/.test(content)) return value
  if (/\{%/.test(content)) throw new Unresolved(place, 'is a template with statements')
  if (depth > 20) throw new Unresolved(place, 'refers to itself')
  const whole = /^\s*\{\{((?:(?!\}\}).)*)\}\}\s*$/s.exec(content)
  const expand = (expression: string) => new Expression(expression, { place, scope, depth }).value()
  if (whole) return { place, content: expand(whole[1]!).content }
  const text = content.replace(/\{#.*?#\}/gs, '').replace(/\{\{(.*?)\}\}/gs, (_, expression: string) => {
    const part = textOf(expand(expression))
    if (part === undefined) throw new Unresolved(place, 'puts a list or a map into a text')
    return part
  })
  return { place, content: text }
}

const tokenRule = /\s*(?:("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|([0-9]+)|([A-Za-z_]\w*)|(\S))/g

/** The part of Jinja that variable files live on: names, their parts, "~", "+" and some filters. */
class Expression {
  readonly #tokens: string[]
  readonly #at: { place: Place; scope: Scope; depth: number }
  #next = 0

  constructor(text: string, at: { place: Place; scope: Scope; depth: number }) {
    this.#at = at
    this.#tokens = [...text.matchAll(tokenRule)].map((match) => match[0].trim())
  }

  value(): Placed {
    const value = this.#joined()
    if (this.#next < this.#tokens.length) throw this.#cannot()
    if (!value) throw new Unresolved(this.#at.place, `needs ${this.#tokens[0]}, which is set nowhere here`)
    return value
  }

  #joined(): Placed | undefined {
    let left = this.#filtered()
    while (this.#take('~') || this.#take('+')) {
      const [one, other] = [textOf(left), textOf(this.#filtered())]
      if (one === undefined || other === undefined) throw this.#cannot()
      left = { place: this.#at.place, content: one + other }
    }
    return left
  }

  #filtered(): Placed | undefined {
    let value = this.#part()
    while (this.#take('|')) {
      const filter = filters[this.#shift()]
      if (!filter) throw this.#cannot()
      value = filter(value, this.#take('(') ? this.#arguments() : [], this.#at.place)
      if (value) value = this.#resolved(value)
    }
    return value
  }

  #arguments(): (Placed | undefined)[] {
    const values: (Placed | undefined)[] = []
    while (!this.#take(')')) {
      if (this.#next >= this.#tokens.length || this.#tokens[this.#next + 1] === '=') throw this.#cannot()
      values.push(this.#joined())
      this.#take(',')
    }
    return values
  }

  #part(): Placed | undefined {
    let value = this.#primary()
    for (;;) {
      if (this.#take('.')) value = this.#inside(value, this.#shift())
      else if (this.#take('[')) {
        value = this.#inside(value, textOf(this.#joined()))
        if (!this.#take(']')) throw this.#cannot()
      } else return value
    }
  }

  #primary(): Placed | undefined {
    const token = this.#shift()
    const { place } = this.#at
    if (/^["']/.test(token)) return { place, content: token.slice(1, -1).replace(/\\(.)/g, '$1') }
    if (/^[0-9]/.test(token)) return { place, content: Number(token) }
    if (/^(true|false)$/i.test(token)) return { place, content: /^t/i.test(token) }
    if (token === '(') {
      const value = this.#joined()
      if (!this.#take(')')) throw this.#cannot()
      return value
    }
    if (token === '{' && this.#take('}')) return { place, content: new Map() }
    if (!/^[A-Za-z_]/.test(token) || this.#tokens[this.#next] === '(') throw this.#cannot()
    const value = this.#at.scope.variable(token)
    return value && this.#resolved(value)
  }

  #inside(value: Placed | undefined, key: string | undefined): Placed | undefined {
    const found = Array.isArray(value?.content)
      ? value.content.at(Number(key))
      : settingsOf(value)?.get(key ?? '')
    return found && this.#resolved(found)
  }

  #resolved(value: Placed): Placed {
    return resolveTemplate(value, this.#at.scope, this.#at.depth + 1)
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#next] !== token) return false
    this.#next++
    return true
  }

  #shift(): string {
    return this.#tokens[this.#next++] ?? ''
  }

  #cannot(): Unresolved {
    return new Unresolved(this.#at.place, `is worked out by "{{ ${this.#tokens.join(' ')} }}"`)
  }
}
