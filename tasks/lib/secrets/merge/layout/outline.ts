import type { Opened } from '../../engine.ts'
import type { Comment, Entry, MapNode, Node, Place } from '../../tree/tree.ts'

/** The text of an encrypted file, cut into pieces: one for each item of its clear tree. */
export interface Outline {
  text: string
  /** Of each branch. */
  roots: Block[]
}

/** The text of a map or list. Its pieces follow one another; before, between and behind them may stand brackets. */
export interface Block extends Place {
  pieces: Piece[]
  /** What stands between two pieces; lines need nothing. */
  separator: '' | ','
  /** How deep the lines of a YAML block are indented. The first one may start behind a dash. */
  column: number
}

export interface Piece extends Place {
  /** Not there for the sops block, which is in no tree. */
  item?: Comment | Entry | Node
  inner?: Block
}

/** Cuts up a file; undefined where its text is too odd for that. */
export type Outliner = (opened: Pick<Opened, 'document' | 'clear'>) => Outline | undefined

/** The outline of a file that was opened. */
export async function outlineOf(opened: Opened): Promise<Outline | undefined> {
  const { type } = opened.document
  if (type === 'yaml') return (await import('./outline-yaml.ts')).outlineYaml(opened)
  if (type === 'json') return (await import('./outline-json.ts')).outlineJson(opened)
  if (type === 'dotenv') return (await import('./outline-flat.ts')).outlineDotenv(opened)
  return type === 'ini' ? (await import('./outline-flat.ts')).outlineIni(opened) : undefined
}

/** What an item of a map or list holds: of an entry its value. */
export function heldBy(item: Comment | Entry | Node): Comment | Node {
  return item.type === 'entry' ? item.value : item
}

/** Where each value and comment of a file stands, and each branch. */
export interface Places {
  pieces: Map<Comment | Node, { piece: Piece; block: Block; outline: Outline }>
  roots: Map<Node, { block: Block; outline: Outline }>
}

export function placesIn(outlines: [Outline, MapNode[]][]): Places {
  const places: Places = { pieces: new Map(), roots: new Map() }
  const visit = (block: Block, outline: Outline) => {
    for (const piece of block.pieces) {
      if (piece.item) places.pieces.set(heldBy(piece.item), { piece, block, outline })
      if (piece.inner) visit(piece.inner, outline)
    }
  }
  for (const [outline, clear] of outlines) {
    outline.roots.forEach((block, index) => {
      places.roots.set(clear[index]!, { block, outline })
      visit(block, outline)
    })
  }
  return places
}
