import type { Place } from '../../tree/tree.ts'
import type { ParseOptions } from '../store.ts'
import { textError } from '../text.ts'
import { readKeyName } from './ini-key.ts'
import { readValue } from './ini-value.ts'
import { Lines, trim, trimmed } from './lines.ts'

/** An INI file as gopkg.in/ini.v1 reads it, the library that sops uses; the first section is DEFAULT. */
export interface Ini {
  sections: Section[]
  /** Something in the text is part of no section, key, value or comment: a comment at the end, a value given twice. */
  losesText: boolean
}

export interface Section {
  name: string
  comment?: Remark
  /** By name, in order. */
  keys: Map<string, Key>
  /** From its comment, or header, to the comment or header of the next one. */
  start: number
  line: number
}

export interface Key {
  value: string
  place?: Place
  comment?: Remark
}

/** A comment, without the first ; or #. Further lines have theirs. */
export interface Remark {
  text: string
  place?: Place
}

/** Reads an INI text. Throws a SecretError with the line. */
export function readIni(text: string, options: ParseOptions): Ini {
  const reader = new Reader(text, options)
  reader.read()
  return reader.ini
}

class Reader {
  readonly ini: Ini = {
    sections: [{ name: 'DEFAULT', keys: new Map(), start: 0, line: 1 }],
    losesText: false,
  }
  readonly #lines: Lines
  readonly #options: ParseOptions
  /** Comments that wait for the section or key to which they belong. */
  #comments: (Place & { text: string; inline: boolean })[] = []
  #unnamed = 1

  constructor(text: string, options: ParseOptions) {
    this.#lines = new Lines(text)
    this.#options = options
  }

  read(): void {
    for (let line = this.#lines.next(); line; line = this.#lines.next()) {
      const content = trimmed(this.#lines.text, line)
      const first = this.#lines.text[content.start]
      if (content.start === content.end) continue
      if (first === '#' || first === ';') this.#comment({ ...content, whole: line.end, inline: false })
      else if (first === '[') this.#section(content)
      else this.#key({ start: content.start, end: line.end })
    }
    if (this.#comments.length > 0) this.ini.losesText = true
  }

  #comment({ start, end, whole, inline }: Place & { whole?: number; inline: boolean }): void {
    this.#comments.push({ start, end, inline, text: this.#lines.text.slice(start, whole ?? end) })
  }

  #section(content: Place): void {
    const line = this.#lines.text.slice(content.start, content.end)
    const close = line.lastIndexOf(']')
    if (close === -1) throw this.#error('expected ] at the end of the section name')
    if (close === 1) throw this.#error('expected the name of a section between [ and ]')
    const start = this.#comments[0]?.start ?? content.start
    const remark = /[#;]/.exec(line.slice(close + 1))
    if (remark)
      this.#comment({ start: content.start + close + 1 + remark.index, end: content.end, inline: true })
    else if (trim(line.slice(close + 1)) !== '') this.ini.losesText = true
    const comment = this.#takeComment()
    this.ini.sections.push({
      name: line.slice(1, close),
      comment,
      keys: new Map(),
      start,
      line: this.#lines.number,
    })
    this.#unnamed = 1
  }

  #key({ start, end }: Place): void {
    const line = this.#lines.text.slice(start, end)
    const found = readKeyName(line)
    if (typeof found === 'string') throw this.#error(found)
    const name = found.name === '-' ? `#${this.#unnamed++}` : found.name
    const { number } = this.#lines
    const read = readValue(this.#lines, { start: start + found.length, end })
    if (!read) throw this.#error('expected the closing quote of a value', number)
    if (read.remark) this.#comment({ ...read.remark, inline: true })
    if (read.losesText) this.ini.losesText = true
    this.#addKey(name, { value: read.value, place: read.place, comment: this.#takeComment() })
  }

  // Of a key that is there twice, the last value and comment count, at the first place.
  #addKey(name: string, key: Key): void {
    const { keys } = this.ini.sections.at(-1)!
    const isTwice = keys.has(name)
    keys.set(name, isTwice ? { ...key, place: undefined } : key)
    if (isTwice) this.ini.losesText = true
  }

  // An empty comment is none: sops does not write it either.
  #takeComment(): Remark | undefined {
    const pieces = this.#comments
    this.#comments = []
    const whole = trim(pieces.map(({ text }) => text).join(''))
    if (whole === '') return undefined
    const text = whole.replace(whole.startsWith(';') ? /^[; ]+/ : /^[# ]+/, '')
    if (text === '') return undefined
    const isInOnePiece = pieces.length === 1 || pieces.every(({ inline }) => !inline)
    const start = pieces[0]!.start + whole.length - text.length
    return { text, ...(isInOnePiece && { place: { start, end: Math.max(start, pieces.at(-1)!.end) } }) }
  }

  #error(message: string, line = this.#lines.number) {
    return textError(message, { ...this.#options, line })
  }
}
