import type { Json } from '../object.ts'
import type { Piece } from './lex.ts'

/**
 * Where a scalar stands decides what an undeclared name in it means. open: an error; script: literal text, with a
 * note; closed: nothing is substituted, declared or not.
 */
export type Zone = 'open' | 'script' | 'closed'

/** A document that was parsed once and is built with values as often as needed. */
export type TemplateNode = ConstantNode | ScalarNode | SequenceNode | MappingNode

export interface ConstantNode {
  kind: 'constant'
  value: Json
}

/** A scalar with references in it. */
export interface ScalarNode {
  kind: 'scalar'
  pieces: Piece[]
  isPlain: boolean
  tag: string
  zone: Zone
  /** Where it stands in the file. */
  offset: number
  /** Where it stands in the document: "spec.replicas". */
  path: string
}

export interface SequenceNode {
  kind: 'sequence'
  items: TemplateNode[]
  /** How many values it makes, aliases expanded. */
  size: number
}

export interface MappingNode {
  kind: 'mapping'
  entries: MappingEntry[]
  /** At least one key holds a reference or is merged in. */
  hasOpenKeys: boolean
  size: number
}

export interface MappingEntry {
  /** Undefined: `<<`, whose value is merged in. */
  key: string | ScalarNode | undefined
  offset: number
  value: TemplateNode
}

/** One object of a file, before values. */
export interface ObjectTemplate {
  root: TemplateNode
  /** Where it stands in its document: "" or "items[3]". */
  base: string
  /** The offset of its first key. */
  offset: number
  /** Which document of the file. */
  document: number
  /** What an item of a typed list (ConfigMapList) has from its list. */
  inherited?: { apiVersion: string; kind: string }
}

/** How many values a node makes. */
export function sizeOf(node: TemplateNode): number {
  return node.kind === 'sequence' || node.kind === 'mapping' ? node.size : 1
}
