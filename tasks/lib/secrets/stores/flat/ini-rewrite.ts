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
    const end = piece.start + lastLineEnd(text.slice(piece.start, piece.end))
    return { pieces: [{ ...piece, end }], fields: new Map(fields) }
  },
  writeField: (value) => writeIniValue(value.replaceAll('\n', '\\n')),
  newBlock: (metadata, text) => withLineEnds(writeIni([iniBlock(metadata)]).toString(), text),
  addBlock(text, block) {
    const lineEnds = text.slice(text.trimEnd().length).split('\n').length - 1
    const space = text.trim() === '' ? '' : '\n'.repeat(Math.max(0, 2 - lineEnds))
    return [{ start: text.length, end: text.length, text: withLineEnds(space, text) + block }]
  },
  removeBlock(text) {
    const { piece } = findBlock(text)
    const isLast = piece.end === text.length
    const start = isLast ? lastLineEnd(text.slice(0, piece.start)) : piece.start
    return [{ start, end: piece.end, text: '' }]
  },
}

function findBlock(text: string) {
  const { sections } = readIni(text, { file: '', encrypted: true })
  const index = sections.findIndex(({ name }) => name === 'sops')
  const { start, keys } = sections[index]!
  return { piece: { start, end: sections[index + 1]?.start ?? text.length }, keys }
}

// Behind the last line that is not blank, its line end included.
function lastLineEnd(text: string): number {
  const end = text.indexOf('\n', text.trimEnd().length)
  return text.trim() === '' ? 0 : end === -1 ? text.length : end + 1
}

function withLineEnds(lines: string, text: string): string {
  return text.includes('\r\n') ? lines.replaceAll('\n', '\r\n') : lines
}
