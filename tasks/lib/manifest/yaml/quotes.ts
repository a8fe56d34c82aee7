import type { Piece, Reference } from '../substitute/lex.ts'
import { isScalar, parseDocuments } from './parse.ts'

/** The pieces of a quoted scalar: what stands inside a reference is read with the same quotes as what is around it. */
export function adaptToQuotes(pieces: Piece[], type: string | undefined): Piece[] {
  let text = ''
  return pieces.map((piece) => {
    if (typeof piece === 'string') {
      text += piece
      return piece
    }
    const isInBraces = text.lastIndexOf('{{') > text.lastIndexOf('}}')
    return withoutQuotes({ ...piece, isInBraces }, type)
  })
}

function withoutQuotes(reference: Reference, type: string | undefined): Reference {
  const quote = type === 'QUOTE_DOUBLE' ? '"' : type === 'QUOTE_SINGLE' ? "'" : ''
  if (quote === '' || reference.operator === '') return reference
  const read = (text: string) => readQuoted(text, quote)
  const word = reference.word.map((piece) =>
    typeof piece === 'string' ? read(piece) : withoutQuotes(piece, type),
  )
  return { ...reference, raw: read(reference.raw), word }
}

function readQuoted(text: string, quote: string): string {
  if (!text.includes(quote === '"' ? '\\' : quote)) return text
  const [document] = parseDocuments(quote + text + quote)
  return isScalar(document?.contents) && document.errors.length === 0
    ? (document.contents.source ?? text)
    : text
}
