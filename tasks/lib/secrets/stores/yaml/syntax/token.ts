import type { Mark } from './cursor.ts'

export type TokenType =
  | 'stream-start'
  | 'stream-end'
  | 'version-directive'
  | 'tag-directive'
  | 'document-start'
  | 'document-end'
  | 'block-sequence-start'
  | 'block-mapping-start'
  | 'block-end'
  | 'flow-sequence-start'
  | 'flow-sequence-end'
  | 'flow-mapping-start'
  | 'flow-mapping-end'
  | 'block-entry'
  | 'flow-entry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar'

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded'

export interface Token {
  type: TokenType
  start: Mark
  /** Where it ends in the text. */
  end: number
  /** Of a scalar, an alias, an anchor; the handle of a tag. */
  value?: string
  style?: ScalarStyle
  /** What follows the handle of a tag; the prefix of a %TAG directive. */
  suffix?: string
}

/** One line of a comment, its # included, or an empty line between two. */
export interface CommentLine {
  text: string
  start: number
}

/** Comment lines that the scanner met, before it is known whose they are. */
export interface ScannedComment {
  kind: 'head' | 'line' | 'foot'
  lines: CommentLine[]
  /** They belong to the first token that starts here or later. */
  owner: number
  start: { index: number; line: number; column: number }
  /** Where they end, and where the search that found them began: 0 for line comments. */
  end: number
  scanned: number
}
