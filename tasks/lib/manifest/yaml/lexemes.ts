import { Lexer } from 'yaml'

/**
 * The lexemes of a YAML text. kubectl's decoder does not care how far the further lines of a quoted scalar or of a
 * flow collection are indented; YAML 1.2, and with it the library's lexer, wants them deeper than the key above.
 */
export function lexemes(text: string): Generator<string> {
  const lexer = new Lexer()
  const inside = lexer as unknown as Inside
  inside.parseQuotedScalar = atAnyIndent(inside, inside.parseQuotedScalar)
  inside.parseFlowCollection = atAnyIndent(inside, inside.parseFlowCollection)
  return lexer.lex(text)
}

/** The part of the lexer that its types hide; the version of the library is pinned, and tests notice a change. */
interface Inside {
  /** How far the next line has to be indented to belong to the present node. */
  indentNext: number
  parseQuotedScalar: Lexing
  parseFlowCollection: Lexing
}

type Lexing = () => Generator<string, unknown>

function atAnyIndent(inside: Inside, lex: Lexing): Lexing {
  return function* () {
    const { indentNext } = inside
    inside.indentNext = 0
    const next = yield* lex.call(inside)
    inside.indentNext = indentNext
    return next
  }
}
