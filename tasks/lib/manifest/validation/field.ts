import type { Finding } from '../../cli/errors.ts'
import { pathText } from '../build/paths.ts'
import { isMap } from './scalar-types.ts'

/** What may be said with a problem. */
export interface ProblemOptions {
  hint?: string
  /** Ends the message with the value, and the variable that gave it. */
  got?: boolean
  /** The hint is to put the value in quotes. */
  quote?: boolean
}

/** Takes the problems of one object. */
export interface Report {
  add(severity: Finding['severity'], field: Field, problem: ProblemOptions & { message: string }): void
}

/** A value inside an object, present or not: reads further in, and says what is wrong with it. */
export class Field {
  readonly value: unknown
  readonly #report: Report
  readonly #parent?: Field
  readonly #key: string | number

  constructor(value: unknown, place: { report: Report; parent?: Field; key?: string | number }) {
    this.value = value
    this.#report = place.report
    this.#parent = place.parent
    this.#key = place.key ?? ''
  }

  /** "spec.containers[0].image", the form that placeOf takes. */
  get path(): string {
    return pathText(this.#steps())
  }

  #steps(): (string | number)[] {
    return this.#parent ? [...this.#parent.#steps(), this.#key] : []
  }

  /** Its key in the map that holds it. */
  get key(): string {
    return String(this.#key)
  }

  /** A field of this map by its name, or by several names one inside the other; missing ones have no value. */
  at(...names: string[]): Field {
    let field: Field = this
    for (const name of names) {
      const isThere = isMap(field.value) && Object.hasOwn(field.value, name)
      const value = isThere ? (field.value as Record<string, unknown>)[name] : undefined
      field = new Field(value, { report: this.#report, parent: field, key: name })
    }
    return field
  }

  /** The items of this list; none when it is not one. */
  get items(): Field[] {
    const list = Array.isArray(this.value) ? this.value : []
    return list.map((value, key) => new Field(value, { report: this.#report, parent: this, key }))
  }

  /** The fields of this map; none when it is not one. */
  get fields(): Field[] {
    return isMap(this.value) ? Object.keys(this.value).map((name) => this.at(name)) : []
  }

  /** Not there, or null, which the API server takes as not there. */
  get isMissing(): boolean {
    return this.value === undefined || this.value === null
  }

  /** Missing, "", [] or {}: what Go calls the zero value, and the API server often cannot tell from missing. */
  get isEmpty(): boolean {
    if (this.isMissing || this.value === '') return true
    return Array.isArray(this.value) ? this.value.length === 0 : isMap(this.value) && isEmptyMap(this.value)
  }

  get text(): string | undefined {
    return typeof this.value === 'string' ? this.value : undefined
  }

  get number(): number | undefined {
    return typeof this.value === 'number' || typeof this.value === 'bigint' ? Number(this.value) : undefined
  }

  error(message: string, options: ProblemOptions = {}): void {
    this.#report.add('error', this, { message, ...options })
  }

  warning(message: string, options: ProblemOptions = {}): void {
    this.#report.add('warning', this, { message, ...options })
  }

  note(message: string, options: ProblemOptions = {}): void {
    this.#report.add('note', this, { message, ...options })
  }
}

function isEmptyMap(map: Record<string, unknown>): boolean {
  for (const _ in map) return false
  return true
}
