import { Blocks } from './blocks.ts'
import { Cursor, isBlank, isGap, type Mark } from './cursor.ts'
import { skipGap } from './gap.ts'
import { scanBlock } from './scan-block.ts'
import { scanLineComment } from './scan-comments.ts'
import { scanPlain } from './scan-plain.ts'
import { scanQuoted } from './scan-quoted.ts'
import { scanAnchor, scanDirective, scanTag } from './scan-tag.ts'
import { SimpleKeys } from './simple-keys.ts'
import type { Token, TokenType } from './token.ts'
import { TokenQueue } from './token-queue.ts'

const brackets: Record<string, TokenType> = {
  '[': 'flow-sequence-start',
  '{': 'flow-mapping-start',
  ']': 'flow-sequence-end',
  '}': 'flow-mapping-end',
}

/**
 * Makes tokens of a YAML text as go-yaml does: by YAML 1.1, with a window of three tokens, on which it depends to whom
 * a comment belongs. Source: how scannerc.go of go.yaml.in/yaml/v3 behaves.
 */
export class Scanner {
  readonly queue = new TokenQueue()
  private readonly cursor: Cursor
  private readonly keys: SimpleKeys
  private readonly blocks = new Blocks(this.queue)

  constructor(text: string) {
    this.cursor = new Cursor(text)
    this.keys = new SimpleKeys(this.cursor)
    this.add('stream-start', this.cursor.mark())
  }

  /** The next token, for which enough of what follows has been scanned. */
  peek(): Token {
    while (this.queue.size < 3 || this.keys.mayStartAt(this.queue.parsed)) {
      if (this.queue.last()?.type === 'stream-end') break
      this.fetch()
    }
    return this.queue.first!
  }

  private get isFlow(): boolean {
    return this.keys.flowLevel > 0
  }

  private fetch(): void {
    const { cursor } = this
    const from = cursor.mark()
    skipGap(cursor, { queue: this.queue, keys: this.keys, indent: this.blocks.indent })
    if (!this.isFlow) this.blocks.close(cursor.column, from)
    if (cursor.peek() === '') this.fetchStreamEnd()
    else if (cursor.column === 0 && cursor.peek() === '%') this.fetchDirective()
    else if (cursor.atDocumentIndicator) this.fetchDocumentIndicator()
    else this.fetchWithComment()
  }

  private fetchWithComment(): void {
    const isAboutPrevious = this.cursor.peek() === (this.isFlow ? ',' : ':')
    const owner = isAboutPrevious ? this.queue.last()!.start.index : this.cursor.index
    this.fetchToken()
    // Behind the - of a list a comment is about what follows.
    if (this.queue.last()?.type !== 'block-entry') this.lineComment(owner)
  }

  private lineComment(owner: number): void {
    const found = scanLineComment(this.cursor, { owner })
    if (found) this.queue.addComments([found])
  }

  private add(type: TokenType, start: Mark, options: { number?: number } = {}): void {
    this.queue.add({ type, start, end: this.cursor.index }, options.number)
  }

  private fetchStreamEnd(): void {
    if (this.cursor.column !== 0) this.cursor.startLine()
    this.endDocument()
    this.add('stream-end', this.cursor.mark())
  }

  private fetchDirective(): void {
    this.endDocument()
    this.queue.add(scanDirective(this.cursor))
  }

  private fetchDocumentIndicator(): void {
    this.endDocument()
    const start = this.cursor.mark()
    const type = this.cursor.peek() === '-' ? 'document-start' : 'document-end'
    this.cursor.skip(3)
    this.add(type, start)
  }

  private endDocument(): void {
    if (!this.isFlow) this.blocks.close(-1, this.cursor.mark())
    this.keys.remove()
    this.keys.allowed = false
  }

  private fetchToken(): void {
    const { cursor, isFlow } = this
    const character = cursor.peek()
    const isAlone = isGap(cursor.peek(1))
    if (Object.hasOwn(brackets, character)) this.fetchBracket(brackets[character]!)
    else if (character === ',') this.fetchFlowEntry()
    else if (character === '-' && isAlone) this.fetchBlockEntry()
    else if (character === '?' && (isFlow || isAlone)) this.fetchKey()
    else if (character === ':' && (isFlow || isAlone)) this.fetchValue()
    else if (character === '*' || character === '&') this.fetchSimple(scanAnchor)
    else if (character === '!') this.fetchSimple(scanTag)
    else if ((character === '|' || character === '>') && !isFlow) this.fetchBlockScalar()
    else if (character === "'" || character === '"') this.fetchSimple(scanQuoted)
    else if (this.startsPlain(character)) this.fetchPlain()
    else if (character === '\t') cursor.fail('a tab stands where only spaces may indent')
    else cursor.fail('a value cannot start like this: quote it')
  }

  private startsPlain(character: string): boolean {
    const next = this.cursor.peek(1)
    if (character === '-') return !isBlank(next)
    if (character === '?' || character === ':') return !this.isFlow && !isGap(next)
    return !isGap(character) && !'#|>%@`'.includes(character)
  }

  private fetchBracket(type: TokenType): void {
    const opens = type.endsWith('start')
    if (opens) this.keys.open(this.saveKey())
    else this.keys.close()
    this.keys.allowed = opens
    this.fetchIndicator(type)
  }

  private saveKey(): number {
    const { isFlow, cursor } = this
    this.keys.save({ number: this.queue.next, isRequired: !isFlow && this.blocks.indent === cursor.column })
    return this.queue.next
  }

  private fetchIndicator(type: TokenType): void {
    const start = this.cursor.mark()
    this.cursor.skip()
    this.add(type, start)
  }

  private fetchFlowEntry(): void {
    this.keys.remove()
    this.keys.allowed = true
    this.fetchIndicator('flow-entry')
  }

  private fetchBlockEntry(): void {
    if (!this.isFlow) {
      if (!this.keys.allowed) this.cursor.fail('a list entry cannot start here: put it on a line of its own')
      this.blocks.open('block-sequence-start', { mark: this.cursor.mark() })
    }
    this.keys.remove()
    this.keys.allowed = true
    this.fetchIndicator('block-entry')
  }

  private fetchKey(): void {
    if (!this.isFlow) {
      if (!this.keys.allowed) this.cursor.fail('a key cannot start here')
      this.blocks.open('block-mapping-start', { mark: this.cursor.mark() })
    }
    this.keys.remove()
    this.keys.allowed = !this.isFlow
    this.fetchIndicator('key')
  }

  private fetchValue(): void {
    const key = this.keys.takeValid()
    if (key) {
      const { mark, number } = key
      this.queue.add({ type: 'key', start: mark, end: mark.index }, number)
      if (!this.isFlow) this.blocks.open('block-mapping-start', { mark, number })
      this.keys.allowed = false
    } else {
      if (!this.isFlow) {
        if (!this.keys.allowed) this.cursor.fail('a value cannot start here: quote the text that holds ": "')
        this.blocks.open('block-mapping-start', { mark: this.cursor.mark() })
      }
      this.keys.allowed = !this.isFlow
    }
    this.fetchIndicator('value')
  }

  private fetchSimple(scan: (cursor: Cursor) => Token): void {
    this.saveKey()
    this.keys.allowed = false
    this.queue.add(scan(this.cursor))
  }

  private fetchPlain(): void {
    this.saveKey()
    this.keys.allowed = false
    const { endedLine, ...token } = scanPlain(this.cursor, {
      indent: this.blocks.indent + 1,
      flow: this.isFlow,
    })
    this.queue.add(token)
    if (endedLine) this.keys.allowed = true
  }

  private fetchBlockScalar(): void {
    this.keys.remove()
    this.keys.allowed = true
    const owner = this.cursor.index
    const lineComment = () => this.lineComment(owner)
    this.queue.add(scanBlock(this.cursor, { parentIndent: this.blocks.indent, lineComment }))
  }
}
