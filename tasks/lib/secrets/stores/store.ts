import type { Metadata } from '../metadata/metadata.ts'
import type { MapNode } from '../tree/tree.ts'

/** A kind of file. Everything that is none of the others is binary. */
export const fileTypes = ['yaml', 'json', 'dotenv', 'ini', 'binary'] as const
export type FileType = (typeof fileTypes)[number]

/** A file as it was read: without `metadata` it is clear. */
export interface Document {
  type: FileType
  /** One for each YAML document, else exactly one. The sops block is not among the items. */
  branches: MapNode[]
  metadata?: Metadata
  /** The text it was read from. Places of leaves and comments are offsets in it. */
  text: string
}

/** What a document says, however it is laid out. */
export type State = Pick<Document, 'branches' | 'metadata'>

export interface ParseOptions {
  /** Named in errors. */
  file: string
  /** False: clear text, in which `sops` at the top is an error (sops 203, file already encrypted). */
  encrypted: boolean
}

export interface EmitOptions {
  /** Spaces (YAML 4, JSON -1: a tab), as `stores` of .sops.yaml sets it. */
  indent?: number
}

/** Reads and writes one kind of file. */
export interface Store {
  /** Throws a TaskError with file and line, and sopsCode as sops has it. */
  parse(bytes: Uint8Array, options: ParseOptions): Document
  /** The text that sops itself would write, to the byte. */
  emit(document: State, options?: EmitOptions): Uint8Array
  /**
   * The text of `document` with only what differs written anew: values and comments that changed, and of the sops
   * block what changed; blank lines, quotes, indents, order and `---` stay. The branches have the shape of the
   * document's own. undefined where that cannot be done (aliases, a store without places): the caller emits instead.
   * With `metadata: undefined` the sops block is taken away. A document that has none gets one: as `like` has it, with
   * only what differs changed, else as emit writes it.
   */
  rewrite(document: Document, changed: State, options?: { like?: Document }): Uint8Array | undefined
  /**
   * What follows a comment may decide to which map or list it belongs, and encrypted text differs in that from clear
   * text. The branches of `document`, which is clear, with the comments where the text that rewrite would write has
   * them: those branches are to be encrypted. undefined where there are none.
   */
  settle?(document: Document, sealed: State, options?: { like?: Document }): MapNode[] | undefined
}
