import type { Place } from '../../../tree/tree.ts'
import type { CommentLine, ScalarStyle, Token } from './token.ts'

/** A node of a YAML document, with the comments that go-yaml gives it. */
export interface YamlNode {
  kind: 'scalar' | 'map' | 'list' | 'alias'
  /** The line it starts on, counted from 1. */
  line: number
  /** The tag as it was written, shortened to !!name where YAML's own; empty where there is none. */
  tag: string
  /** Of a scalar, or the name that an alias refers to. */
  value: string
  style: ScalarStyle
  /** Entries of a list; keys and values of a map, in turn. */
  content: YamlNode[]
  isFlow: boolean
  /** What an alias refers to. */
  target?: YamlNode
  place?: Place
  head: CommentLine[]
  inline: CommentLine[]
  foot: CommentLine[]
}

export interface YamlDocument {
  root: YamlNode
  head: CommentLine[]
  foot: CommentLine[]
}

/** A scalar without any text: null. */
export function emptyNode({ start }: Token): YamlNode {
  return {
    kind: 'scalar',
    line: start.line + 1,
    tag: '',
    value: '',
    style: 'plain',
    content: [],
    isFlow: false,
    head: [],
    inline: [],
    foot: [],
  }
}
