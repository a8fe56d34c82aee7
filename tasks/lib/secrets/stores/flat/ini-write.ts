import { trim } from './lines.ts'
import { encodeValue } from './value-text.ts'

/** A section of an INI file that is to be written. */
export interface IniSection {
  name: string
  comment?: string
  keys: Map<string, { value: string | Uint8Array; comment?: string }>
}

/** Sections as gopkg.in/ini.v1 writes them: equals signs in one column, a blank line between sections. */
export function writeIni(sections: IniSection[]): Buffer {
  return Buffer.concat(
    sections.flatMap((section, index) => {
      const isHeadless = index === 0 && section.name.toUpperCase() === 'DEFAULT'
      const head = commentLines(section.comment, (text) => text)
      if (isHeadless && section.keys.size === 0) return [head]
      const header = Buffer.from(isHeadless ? '' : `[${section.name}]\n`)
      const gap = Buffer.from(index < sections.length - 1 ? '\n' : '')
      return [head, header, keyLines(section), gap]
    }),
  )
}

/** The text of a value, quoted where the library would not read it back as it is. */
export function writeIniValue(text: string): string {
  if (/[\n`]/.test(text)) return `"""${text}"""`
  if (/[#;]/.test(text)) return `\`${text}\``
  return trim(text) === text ? text : `"${text}"`
}

function keyLines({ keys }: IniSection): Buffer {
  const width = [...keys.keys()].reduce((most, name) => Math.max(most, Buffer.byteLength(quotedKey(name))), 0)
  return Buffer.concat(
    [...keys].flatMap(([name, { value, comment }]) => {
      const key = quotedKey(name)
      const space = ' '.repeat(width - Buffer.byteLength(key))
      const line = [Buffer.from(`${key}${space} = `), encodeValue(value, writeIniValue), Buffer.from('\n')]
      return [commentLines(comment, trim), ...line]
    }),
  )
}

function quotedKey(name: string): string {
  if (/["=:]/.test(name)) return `\`${name}\``
  return name.includes('`') ? `"""${name}"""` : name
}

// The library writes "; " before each line, and a space behind what is there already.
function commentLines(text: string | undefined, clean: (line: string) => string): Buffer {
  if (!text) return Buffer.alloc(0)
  const lines = text
    .split('\n')
    .map((line) => (/^[#;]/.test(line) ? `${line[0]} ${trim(line.slice(1))}\n` : `; ${clean(line)}\n`))
  return Buffer.from(lines.join(''))
}
