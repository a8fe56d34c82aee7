import { Composer, type CST, type Document, isAlias, isMap, isScalar, isSeq, type Node, Parser } from 'yaml'
import { lexemes } from './lexemes.ts'

/** What is wrong with the text, at an offset of it. */
export interface SyntaxError {
  message: string
  offset: number
}

/**
 * Reads the documents of a YAML (or JSON) text, one after the other. Types are not resolved here: every scalar keeps
 * its text. Forgiving where kubectl's decoder is: a comment may follow a quote without a space.
 */
export function* parseDocuments(text: string): Generator<Document> {
  const composer = new Composer({
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    strict: false,
  })
  yield* composer.compose(tokens(text)) as Generator<Document>
}

function* tokens(text: string): Generator<CST.Token> {
  const parser = new Parser()
  for (const lexeme of lexemes(text)) yield* parser.next(lexeme)
  yield* parser.end()
}

/**
 * The first syntax error of a document: what follows it is mostly its consequence. A tag that means nothing to the
 * parser is none: its scalar is a string.
 */
export function syntaxError(document: Document): SyntaxError | undefined {
  const error = document.errors.find(({ code }) => code !== 'TAG_RESOLVE_FAILED')
  if (error === undefined) return undefined
  const isTooDeep = error.code === 'RESOURCE_EXHAUSTION'
  return {
    message: isTooDeep ? 'the document is nested too deeply' : sentence(error.message),
    offset: error.pos[0],
  }
}

/** Where a node's own text begins, behind its anchor and tag. */
export function startOf(node: Node): number {
  return node.range?.[0] ?? 0
}

export { isAlias, isMap, isScalar, isSeq }

function sentence(message: string): string {
  const lower = message.charAt(0).toLowerCase() + message.slice(1)
  return lower.replace(/\.$/, '')
}
