import { type JsonObject, readJson } from '../../stores/json/read.ts'
import type { Entry, MapNode, Node, Place } from '../../tree/tree.ts'
import type { Block, Outliner, Piece } from './outline.ts'

/** Cuts up JSON: white space belongs to what follows it. */
export const outlineJson: Outliner = ({ document: { text }, clear }) => {
  const objects = new Map<Node, JsonObject>()
  const top = readJson(text, { file: '', encrypted: true }, (object) => objects.set(object.root, object))
  return { text, roots: [objectBlock(top, clear[0]!, { text, objects })] }
}

interface Reading {
  text: string
  objects: Map<Node, JsonObject>
}

function objectBlock({ root, members, inside }: JsonObject, clear: MapNode, reading: Reading): Block {
  const isTop = root.items.length !== clear.items.length
  let at = 0
  const parts = (root.items as Entry[]).map((read, index): Part => {
    const place = members[index]!
    if (isTop && read.key === 'sops') return { place }
    const item = clear.items[at++] as Entry
    return { place, item, inner: blockOf(read.value, item.value, reading) }
  })
  return cutUp(parts, inside, reading)
}

function blockOf(read: Node, clear: Node, reading: Reading): Block | undefined {
  if (read.type === 'map') return objectBlock(reading.objects.get(read)!, clear as MapNode, reading)
  if (read.type === 'leaf' || clear.type !== 'list' || read.items.length === 0) return undefined
  const places = read.items.map((item) => placeOf(item as Node, reading))
  if (!places.every((place) => place !== undefined)) return undefined
  const { text } = reading
  const inside = {
    start: text.lastIndexOf('[', places[0]!.start) + 1,
    end: text.indexOf(']', places.at(-1)!.end),
  }
  const parts = places.map((place, index): Part => {
    const item = clear.items[index] as Node
    return { place, item, inner: blockOf(read.items[index] as Node, item, reading) }
  })
  return cutUp(parts, inside, reading)
}

// Lists in lists have no place that is known.
function placeOf(read: Node, { objects }: Reading): Place | undefined {
  if (read.type === 'leaf') return read.place
  const inside = objects.get(read)?.inside
  return inside && { start: inside.start - 1, end: inside.end + 1 }
}

interface Part {
  place: Place
  item?: Piece['item']
  inner?: Block
}

function cutUp(parts: Part[], { start, end }: Place, { text }: Reading): Block {
  const pieces = parts.map(({ place, item, inner }, index): Piece => {
    const before = parts[index - 1]
    const from = before ? text.indexOf(',', before.place.end) + 1 : start
    return { start: from, end: place.end, item, inner }
  })
  return { start, end, pieces, separator: ',', column: 0 }
}
