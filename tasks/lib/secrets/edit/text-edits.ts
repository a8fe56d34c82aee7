import type { Edit } from '../stores/splice.ts'
import type { Document } from '../stores/store.ts'
import type { Change } from './change-tree.ts'

/** The edits of a clear text that make a change; undefined where it is too odd for that. They are checked by reading. */
export type TextEdits = (document: Document, change: Change) => Edit[] | undefined

/** The start of the line that an offset is on. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1
}

/** Behind the line that an offset is on, its line end included. */
export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset)
  return end < 0 ? text.length : end + 1
}

/** What ends the lines of a text. */
export function lineBreak(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n'
}

/** Lines put behind the line that ends at an offset, which may be the last one and lack its line end. */
export function insertedLines(text: string, offset: number, lines: string): Edit {
  const isOpen = offset > 0 && text[offset - 1] !== '\n'
  const own = lines.replaceAll('\n', lineBreak(text))
  return { start: offset, end: offset, text: isOpen ? lineBreak(text) + own.replace(/\r?\n$/, '') : own }
}
