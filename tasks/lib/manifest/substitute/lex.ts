/** What follows the name inside the braces, with the shell's meaning; "" for a plain $NAME or ${NAME}. */
export type Operator = '' | ':-' | '-' | ':?' | ':+' | '+'

/** Literal text, or a reference. */
export type Piece = string | Reference

/** A reference to a variable as it stands in a text. */
export interface Reference {
  start: number
  end: number
  /** The text itself: "${NAME:-8080}". */
  raw: string
  name: string
  operator: Operator
  /** What stands behind the operator; may hold references of its own. */
  word: Piece[]
  /** "$$NAME" stands for the text "$NAME". */
  isEscaped: boolean
  /** It stands between {{ and }}, where a template language has `$` words of its own. */
  isInBraces?: boolean
}

/** Every reference of a text, in order. All else that has a `$` is none: `$1`, `$(NAME)`, `$[`, an unclosed `${NAME`. */
export function lexReferences(text: string): Reference[] {
  return readBetween(text, 0, text.length)
}

/** Literal text and references in turn, as they stand between two offsets. */
function cutAt(text: string, references: Reference[], from = 0): Piece[] {
  const pieces: Piece[] = []
  let at = from
  for (const reference of references) {
    if (reference.start > at) pieces.push(text.slice(at, reference.start))
    pieces.push(reference)
    at = reference.end
  }
  if (at < text.length) pieces.push(text.slice(at))
  return pieces
}

function readBetween(text: string, from: number, end: number): Reference[] {
  const references: Reference[] = []
  for (let at = text.indexOf('$', from); at >= 0 && at < end; ) {
    const found = readReference(text, at)
    if (found) references.push(found)
    at = text.indexOf('$', found?.end ?? at + 1)
  }
  return references
}

// Behind the `$`: a second one or not, then NAME, {NAME} or {NAME and an operator.
const reference = /(\$?)(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(\}|:-|-|:\?|:\+|\+))/y

function readReference(text: string, start: number): Reference | undefined {
  reference.lastIndex = start + 1
  const match = reference.exec(text)
  if (!match) return undefined
  const [all, dollar, bare, braced, behind = '}'] = match
  const base = { start, name: (bare ?? braced)!, isEscaped: dollar === '$' }
  const head = start + 1 + all.length
  if (behind === '}') {
    return { ...base, end: head, raw: text.slice(start, head), operator: '', word: [] }
  }
  const close = closingBrace(text, head)
  if (close < 0) return undefined
  const word = cutAt(text.slice(0, close), readBetween(text, head, close), head)
  return { ...base, end: close + 1, raw: text.slice(start, close + 1), operator: behind as Operator, word }
}

/** Longer words are not looked for, so that a text of nothing but "${A:-" stays cheap. */
const longestWord = 4096

/** The offset of the brace that closes a word on the same line, or -1. */
function closingBrace(text: string, from: number): number {
  let depth = 1
  for (let at = from; at < text.length && at < from + longestWord; at++) {
    const character = text[at]
    if (character === '\n') return -1
    if (character === '{' && text[at - 1] === '$') depth++
    if (character === '}' && --depth === 0) return at
  }
  return -1
}
