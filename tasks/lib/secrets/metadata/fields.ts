import type { Place } from '../../cli/errors.ts'
import { SecretError } from '../errors.ts'
import { goTime } from './time.ts'

/** A map in a sops block; each method gives a field as one type, or an error that says what was expected. */
export class Fields {
  readonly #values: Record<string, unknown>
  readonly #name: string
  readonly #at: Place

  constructor(value: unknown, { name, at }: { name: string; at: Place }) {
    this.#name = name
    this.#at = at
    if (!isMap(value)) throw this.error(`expected a map, found ${typeName(value)}`)
    this.#values = value
  }

  text(name: string): string {
    const value = this.#value(name)
    if (typeof value === 'number' || typeof value === 'bigint') return String(value)
    if (typeof value !== 'string') throw this.#expected(name, 'text')
    return value
  }

  number(name: string): number {
    const value = this.#value(name)
    const number = value === '' ? 0 : Number(typeof value === 'boolean' ? Number.NaN : value)
    if (!Number.isInteger(number) || number < 0 || number > 255) {
      throw this.#expected(name, 'a whole number from 0 to 255')
    }
    return number
  }

  boolean(name: string): boolean {
    const value = String(this.#value(name))
    if (['', '0', 'f', 'F', 'false', 'False', 'FALSE'].includes(value)) return false
    if (['1', 't', 'T', 'true', 'True', 'TRUE'].includes(value)) return true
    throw this.#expected(name, 'true or false')
  }

  /** A time in whole seconds: as it stands, it authenticates the MAC. */
  time(name: string): string {
    const value = this.#value(name)
    const time = typeof value === 'string' ? goTime(value) : undefined
    if (time === undefined) throw this.#expected(name, 'a time such as 2024-01-02T03:04:05Z, in quotes')
    return time
  }

  texts(name: string): Record<string, string> | undefined {
    const value = this.#value(name)
    if (value === '' || (Array.isArray(value) && value.length === 0)) return undefined
    const fields = new Fields(value, { name: this.#path(name), at: this.#at })
    const texts = Object.keys(fields.#values).map((key) => [key, fields.text(key)])
    return texts.length > 0 ? Object.fromEntries(texts) : undefined
  }

  list(name: string): Fields[] {
    const value = this.#value(name)
    if (value === '') return []
    const items = Array.isArray(value) ? value : isMap(value) && Object.keys(value).length > 0 ? [value] : []
    if (items.length === 0 && !isMap(value) && !Array.isArray(value)) throw this.#expected(name, 'a list')
    return items.map(
      (item, index) => new Fields(item, { name: `${this.#path(name)}[${index}]`, at: this.#at }),
    )
  }

  error(message: string): SecretError {
    return new SecretError(`${this.#name} ${message}`, { code: 'generic', ...this.#at })
  }

  #value(name: string): unknown {
    return (Object.hasOwn(this.#values, name) ? this.#values[name] : undefined) ?? ''
  }

  #path(name: string): string {
    return `${this.#name}.${name}`
  }

  #expected(name: string, what: string): SecretError {
    const found = typeName(this.#value(name))
    return new SecretError(`${this.#path(name)}: expected ${what}, found ${found}`, {
      code: 'generic',
      ...this.#at,
    })
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (value === '') return 'empty text'
  if (typeof value === 'string') return 'another text'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return isMap(value) ? 'a map' : 'a time or bytes'
  return `a ${typeof value === 'bigint' ? 'number' : typeof value}`
}
