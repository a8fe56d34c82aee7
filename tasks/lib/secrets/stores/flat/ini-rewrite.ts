import type { Place } from '../../tree/tree.ts'
import type { Syntax } from '../rewrite.ts'
import { iniBlock } from './ini-emit.ts'
import { readIni } from './ini-read.ts'
import { writeIni, writeIniValue } from './ini-write.ts'
import { valueText } from './value-text.ts'

/** How INI is edited in its text. */
export const iniSyntax: Omit<Syntax, 'parse'> = {
  write(item) {
    if (item.type === 'comment') return item.text
    const text = valueText(item.value)
    return typeof text === 'string' ? writeIniValue(text) : undefined
  },
  block(text) {
    const { piece, keys } = findBlock(text)
    const fields = [...keys].flatMap(([key, { place }]): [string, Place][] => (place ? [[key, place]] : []))
    const rest = /\s*$/.exec(text.slice(piece.start, piece.end))![0]
    const end = piece.end - rest.length + (rest.indexOf('\n') + 1)
    return { pieces: [{ ...piece, end }], fields: new Map(fields) }
  },
  writeField: (value) => writeIniValue(value.replaceAll('\n', '\\n')),
  newBlock: (metadata, text) => withLineEnds(writeIni([iniBlock(metadata)]).toString(), text),
  addBlock(text, block) {
    const space = text.trim() === '' || /\n\s*\n$/.test(text) ? '' : text.endsWith('\n') ? '\n' : '\n\n'
    return [{ start: text.length, end: text.length, text: withLineEnds(space, text) + block }]
  },
  removeBlock(text) {
    const { piece } = findBlock(text)
    const isLast = piece.end === text.length
    const before = text.slice(0, piece.start)
    const start = isLast ? before.replace(/(\n)(?:[ \t\r]*\n)+$/, '$1').length : piece.start
    return [{ start, end: piece.end, text: '' }]
  },
}

function findBlock(text: string) {
  const { sections } = readIni(text, { file: '', encrypted: true })
  const index = sections.findIndex(({ name }) => name === 'sops')
  const { start, keys } = sections[index]!
  return { piece: { start, end: sections[index + 1]?.start ?? text.length }, keys }
}

function withLineEnds(lines: string, text: string): string {
  return text.includes('\r\n') ? lines.replaceAll('\n', '\r\n') : lines
}
