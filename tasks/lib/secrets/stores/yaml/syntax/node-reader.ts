import type { YamlNode } from './node.ts'
import type { CommentLine, Token, TokenType } from './token.ts'

/** Where a node may stand: in a block, in brackets, or behind a key, where the - of a list need not be indented. */
export type Context = 'block' | 'block-or-list' | 'flow'

/** What reading a list or a map needs of the parser. */
export interface NodeReader {
  /** Comments that came by and that no node has taken yet. */
  head: CommentLine[]
  /** What stood above the - of a list entry that is a map or a list itself: it is about the entry as a whole. */
  stem: CommentLine[]
  peek(): Token
  skip(): void
  next(): Token
  fail(message: string, token?: Token): never
  /** The comments that gathered; they are gone then. */
  takeComments(): Pick<YamlNode, 'head' | 'inline' | 'foot'>
  node(context: Context): YamlNode
  /** The node that starts here, or an empty one where one of these tokens stands instead. */
  nodeUnless(types: readonly TokenType[], context: Context): YamlNode
}
