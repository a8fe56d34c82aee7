import type { Cursor, Mark } from './cursor.ts'

interface SimpleKey {
  isPossible: boolean
  isRequired: boolean
  /** Of the token that it starts with. */
  number: number
  mark: Mark
}

const maxFlowLevel = 10_000
const maxKeyLength = 1024

/** What may yet turn out to be a key, when its colon comes: one for each level of [ and {. */
export class SimpleKeys {
  /** A key may start here. */
  allowed = true
  private readonly cursor: Cursor
  private readonly levels: SimpleKey[]
  private readonly byToken = new Map<number, number>()

  constructor(cursor: Cursor) {
    this.cursor = cursor
    this.levels = [{ isPossible: false, isRequired: false, number: 0, mark: cursor.mark() }]
  }

  get flowLevel(): number {
    return this.levels.length - 1
  }

  /** True while the token of that number may be the start of a key. */
  mayStartAt(number: number): boolean {
    const level = this.byToken.get(number)
    return level !== undefined && this.isValid(this.levels[level]!)
  }

  save({ number, isRequired }: { number: number; isRequired: boolean }): void {
    if (!this.allowed) return
    this.remove()
    this.levels[this.flowLevel] = { isPossible: true, isRequired, number, mark: this.cursor.mark() }
    this.byToken.set(number, this.flowLevel)
  }

  /** What stands open here is no key. */
  remove(): void {
    const key = this.levels[this.flowLevel]!
    if (!key.isPossible) return
    if (key.isRequired) this.failWithoutColon(key)
    key.isPossible = false
    this.byToken.delete(key.number)
  }

  /** The key whose colon is here, if there is one. */
  takeValid(): SimpleKey | undefined {
    const key = this.levels[this.flowLevel]!
    if (!this.isValid(key)) return undefined
    key.isPossible = false
    this.byToken.delete(key.number)
    return key
  }

  /** Goes into a flow collection, whose token has that number. */
  open(number: number): void {
    this.levels.push({ isPossible: false, isRequired: false, number, mark: this.cursor.mark() })
    if (this.flowLevel > maxFlowLevel) this.cursor.fail(`more than ${maxFlowLevel} brackets are open`)
  }

  /** Comes out of a flow collection. */
  close(): void {
    this.remove()
    if (this.flowLevel > 0) this.byToken.delete(this.levels.pop()!.number)
  }

  // A key is on one line, and its colon not too far.
  private isValid(key: SimpleKey): boolean {
    if (!key.isPossible) return false
    const { line, index } = this.cursor
    if (key.mark.line === line && key.mark.index + maxKeyLength >= index) return true
    if (key.isRequired) this.failWithoutColon(key)
    key.isPossible = false
    return false
  }

  private failWithoutColon({ mark }: SimpleKey): never {
    this.cursor.fail('the line has no ": " behind its key', { line: mark.line })
  }
}
