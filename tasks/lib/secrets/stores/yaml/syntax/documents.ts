import type { YamlDocument } from './node.ts'
import { emptyNode } from './node.ts'
import { Parser } from './parser.ts'
import type { CommentLine, Token, TokenType } from './token.ts'

const contentEnds: readonly TokenType[] = [
  'version-directive',
  'tag-directive',
  'document-start',
  'document-end',
  'stream-end',
]

/** The documents of a YAML text. Throws a YamlError. */
export function parseDocuments(text: string): YamlDocument[] {
  const parser = new Parser(text)
  const documents: YamlDocument[] = []
  for (let token = parser.next(); token.type !== 'stream-end'; token = nextStart(parser)) {
    documents.push(
      documents.length > 0 || contentEnds.includes(token.type) ? explicit(parser) : implicit(parser),
    )
  }
  return documents
}

function nextStart(parser: Parser): Token {
  let token = parser.peek()
  while (token.type === 'document-end') token = parser.next()
  return token
}

// The first document may come without ---: a comment that an empty line parts from it is the document's own.
function implicit(parser: Parser): YamlDocument {
  const { head } = parser
  const gap = head.findLastIndex(({ text }) => text === '')
  if (gap >= 0) parser.head = head.slice(gap + 1)
  const root = parser.node('block')
  return { head: gap >= 0 ? head.slice(0, gap) : [], root, foot: documentEnd(parser) }
}

function explicit(parser: Parser): YamlDocument {
  directives(parser)
  if (parser.peek().type !== 'document-start')
    parser.fail('--- is expected here: check the indentation above')
  const token = parser.next()
  const root = contentEnds.includes(token.type) ? emptyNode(token) : parser.node('block')
  return { head: [], root, foot: documentEnd(parser) }
}

function directives(parser: Parser): void {
  let versions = 0
  for (let token = parser.peek(); token.type.endsWith('directive'); token = parser.next()) {
    if (token.type === 'version-directive' ? ++versions > 1 : !parser.tags.define(token)) {
      parser.fail('a % line says what another one said', token)
    }
  }
}

function documentEnd(parser: Parser): CommentLine[] {
  if (parser.peek().type === 'document-end') parser.skip()
  parser.tags.clear()
  const { head, foot } = parser.takeComments()
  return foot.length > 0 ? foot : head
}
