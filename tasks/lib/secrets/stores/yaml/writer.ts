/** Where a collection or scalar gets its indent from: the item of a list stands two behind its dash. */
export interface IndentOptions {
  inList: boolean
  /** A scalar, or an empty collection: at the top it is indented, where a block is not. */
  flow?: boolean
}

/**
 * Lines with indents and comments, as the emitter of go.yaml.in/yaml/v3 (emitterc.go) lays them out. Comments wait until
 * the layout comes to where they belong; what is not written there is written where the next of its kind belongs.
 */
export class Writer {
  head = ''
  line = ''
  foot = ''
  tail = ''
  heldLine = ''
  indent = -1
  /** The indent behind which a blank line sets off a foot comment. */
  footIndent = -1
  readonly step: number
  readonly #pieces: string[] = []
  #column = 0
  #afterSpace = true
  #inIndent = true

  constructor(step: number) {
    this.step = step
  }

  toString(): string {
    return this.#pieces.join('')
  }

  /** Runs `write` one level deeper. */
  indented({ inList, flow }: IndentOptions, write: () => void): void {
    const { indent, step } = this
    if (indent < 0) this.indent = flow ? step : 0
    else this.indent = inList ? indent + 2 : (Math.floor(indent / step) + 1) * step
    write()
    this.indent = indent
  }

  /** Ends the line where there is something on it, and indents the next. */
  newLine(): void {
    const indent = Math.max(this.indent, 0)
    if (!this.#inIndent || this.#column > indent || (this.#column === indent && !this.#afterSpace))
      this.break()
    if (this.footIndent === indent) this.break()
    if (this.#column < indent) this.#put(' '.repeat(indent - this.#column))
    this.#afterSpace = true
    this.footIndent = -1
  }

  break(character = '\n'): void {
    this.#pieces.push(character)
    this.#column = 0
    this.#inIndent = true
  }

  get atLineStart(): boolean {
    return this.#column === 0
  }

  /** A sign of YAML, such as - or {, or a whole scalar without line breaks. */
  sign(
    text: string,
    { glued, opens, inIndent }: { glued?: boolean; opens?: boolean; inIndent?: boolean } = {},
  ): void {
    if (!glued && !this.#afterSpace) this.#put(' ')
    this.#put(text)
    this.#afterSpace = opens ?? false
    this.#inIndent &&= inIndent ?? false
  }

  /** The lines of a scalar, of which all but the first are indented. */
  lines(text: string, { startsLine = false } = {}): void {
    let atStart = startsLine
    for (const piece of text.split(/([\n\r\x85\u2028\u2029])/)) {
      if (piece === '') continue
      if (isBreak(piece)) this.break(piece)
      else {
        if (atStart) this.newLine()
        this.#put(piece)
        this.#inIndent = false
      }
      atStart = isBreak(piece)
    }
    this.#afterSpace = startsLine
  }

  /** Comments that are written when the layout comes to where they belong. */
  wait(comments: { head?: string; line?: string; foot?: string; tail?: string }): void {
    this.head = comments.head || this.head
    this.line = comments.line || this.line
    this.foot = comments.foot || this.foot
    this.tail = comments.tail || this.tail
  }

  /** Keeps a comment that was to be behind a key until its value comes. */
  holdLine(): void {
    this.heldLine = this.line || this.heldLine
    this.line = ''
  }

  writeHeldLine({ isBlock }: { isBlock: boolean }): void {
    const { line, heldLine } = this
    if (heldLine === '' || (!isBlock && line !== '')) return
    this.line = heldLine
    this.heldLine = ''
    if (!isBlock) return
    this.writeLine()
    this.line = line
  }

  writeHead(): void {
    if (this.tail !== '') {
      this.newLine()
      this.#comment(this.tail)
      this.tail = ''
      this.footIndent = Math.max(this.indent, 0)
    }
    if (this.head === '') return
    this.newLine()
    this.#comment(this.head)
    this.head = ''
  }

  writeLine(): void {
    if (this.line === '') return
    if (!this.#afterSpace) this.#put(' ')
    this.#comment(this.line)
    this.line = ''
  }

  writeFoot(): void {
    if (this.foot === '') return
    this.newLine()
    this.#comment(this.foot)
    this.foot = ''
    this.footIndent = Math.max(this.indent, 0)
  }

  // A comment that holds line breaks goes on as a comment.
  #comment(text: string): void {
    this.lines(text.replace(/(?<=[\n\r\x85\u2028\u2029])(?=[^#\n\r\x85\u2028\u2029])/g, '# '))
    if (!isBreak(text.at(-1)!)) this.break()
    this.#afterSpace = true
  }

  #put(text: string): void {
    this.#pieces.push(text)
    this.#column += text.length
  }
}

function isBreak(text: string): boolean {
  return /^[\n\r\x85\u2028\u2029]$/.test(text)
}
