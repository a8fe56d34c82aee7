/** A point in the text: `index` counts UTF-16 units from its start; line and column start at 0. */
export interface Mark {
  index: number
  line: number
  column: number
}

/** What is no YAML: says the line, counted from 1. */
export class YamlError extends Error {
  readonly line: number

  constructor(message: string, { line }: { line: number }) {
    super(message)
    this.line = line + 1
  }
}

const breaks = '\n\r\u0085\u2028\u2029'

export function isBlank(character: string): boolean {
  return character === ' ' || character === '\t'
}

export function isBreak(character: string): boolean {
  return character !== '' && breaks.includes(character)
}

/** A line break or the end of the text. */
export function isLineEnd(character: string): boolean {
  return character === '' || breaks.includes(character)
}

/** A space, a tab, a line break or the end of the text. */
export function isGap(character: string): boolean {
  return isBlank(character) || isLineEnd(character)
}

/** Reads a text from start to end, and knows the line. YAML 1.1 has five line breaks. */
export class Cursor {
  readonly text: string
  index = 0
  line = 0
  /** Line breaks since the last character that is not blank. */
  newlines = 0
  private lineStart = 0

  constructor(text: string) {
    this.text = text
    if (text.startsWith('\uFEFF')) this.index = this.lineStart = 1
  }

  /** The character here, or some places on; empty behind the end. */
  peek(offset = 0): string {
    return this.text.charAt(this.index + offset)
  }

  get column(): number {
    return this.index - this.lineStart
  }

  mark(): Mark {
    return { index: this.index, line: this.line, column: this.column }
  }

  skip(count = 1): void {
    for (; count > 0; count--) {
      if (!isBlank(this.peek())) this.newlines = 0
      this.index++
    }
  }

  /** Takes what a sticky pattern finds here: no line breaks. Empty where it finds nothing. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.index
    const found = pattern.exec(this.text)?.[0] ?? ''
    if (/[^ \t]/.test(found)) this.newlines = 0
    this.index += found.length
    return found
  }

  skipBlanks(): void {
    while (isBlank(this.peek())) this.index++
  }

  /** Takes one line break; gives what it stands for in a value. */
  takeBreak(): string {
    const character = this.peek()
    if (!isBreak(character)) return ''
    this.index += character === '\r' && this.peek(1) === '\n' ? 2 : 1
    this.startLine()
    this.newlines++
    return character === '\u2028' || character === '\u2029' ? character : '\n'
  }

  /** What follows is on a line of its own. */
  startLine(): void {
    this.lineStart = this.index
    this.line++
  }

  /** True at `---` and `...`, which end whatever is open. */
  get atDocumentIndicator(): boolean {
    if (this.column !== 0) return false
    const three = this.text.slice(this.index, this.index + 3)
    return (three === '---' || three === '...') && isGap(this.peek(3))
  }

  fail(message: string, { line = this.line }: { line?: number } = {}): never {
    throw new YamlError(message, { line })
  }
}
