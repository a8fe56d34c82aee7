import { type MapNode, map } from '../../tree/tree.ts'
import { sopsEntry } from '../json/write.ts'
import type { Document, EmitOptions } from '../store.ts'
import { type Content, contentOf, type Placed } from './comments.ts'
import { emitKey, emitScalar } from './emit-scalar.ts'
import { Writer } from './writer.ts'

const defaultIndent = 4

/** YAML as sops 3.13 writes it, with the encoder of go.yaml.in/yaml/v3. The sops block stands in every document. */
export function emitYaml(
  { branches, metadata }: Pick<Document, 'branches' | 'metadata'>,
  { indent = 0 }: EmitOptions = {},
): Uint8Array {
  const step = indent > 0 ? indent : defaultIndent
  const writer = new Writer(step >= 2 && step <= 9 ? step : 2)
  branches.forEach((branch, index) => {
    if (index > 0) emitSeparator(writer)
    emitDocument(writer, metadata ? map([...branch.items, sopsEntry(metadata)]) : branch)
  })
  return Buffer.from(writer.toString())
}

function emitSeparator(writer: Writer): void {
  writer.newLine()
  writer.sign('---')
  writer.newLine()
}

function emitDocument(writer: Writer, root: MapNode): void {
  if (writer.head !== '') {
    writer.writeHead()
    writer.break()
  }
  const opened = open(writer, { node: root, head: '', line: '', foot: '' })
  writer.writeHead()
  emitNode(writer, opened, { inList: false })
  writer.footIndent = 0
  writer.writeFoot()
  writer.footIndent = -1
  writer.newLine()
}

function emitNode(writer: Writer, item: Opened, { inList }: { inList: boolean }): void {
  const { node, content } = item
  if (node.type === 'leaf') emitScalar(writer, node.value, { inList })
  writer.writeLine()
  writer.writeFoot()
  if (!content) return
  if (content.items.length === 0) emitEmpty(writer, item, { inList })
  else writer.indented({ inList }, () => emitContent(writer, { ...item, content }))
}

function emitContent(writer: Writer, { node, content, line, foot }: Placed & { content: Content }): void {
  if (node.type === 'map') emitEntries(writer, content)
  else emitItems(writer, content)
  writer.wait({ line, foot })
  if (node.type === 'map') writer.writeHead()
}

function emitEntries(writer: Writer, { items, tail }: Content): void {
  for (const item of items) {
    writer.wait({ head: item.head })
    writer.writeHead()
    writer.newLine()
    writer.holdLine()
    emitKey(writer, item.key!)
    const value = open(writer, { ...item, head: '' })
    writer.writeHeldLine({ isBlock: value.content !== undefined })
    emitNode(writer, value, { inList: false })
  }
  writer.wait({ tail })
}

function emitItems(writer: Writer, { items }: Content): void {
  for (const item of items) {
    const value = open(writer, item)
    writer.writeHead()
    writer.newLine()
    writer.sign('-', { inIndent: true })
    emitNode(writer, value, { inList: true })
  }
}

function emitEmpty(writer: Writer, { node, line, foot }: Opened, { inList }: { inList: boolean }): void {
  writer.wait({ line, foot })
  writer.sign(node.type === 'map' ? '{' : '[', { opens: true })
  if (node.type === 'map') writer.indented({ inList, flow: true }, () => writer.writeHead())
  else if (writer.atLineStart) writer.newLine()
  writer.sign(node.type === 'map' ? '}' : ']', { glued: true })
  writer.writeLine()
  writer.writeFoot()
}

/** A leaf, or a map or list with what stands in it. */
type Opened = Placed & { content?: Content }

// The comments of a node wait from before its sign, its - or the colon of its key, is written.
function open(writer: Writer, item: Placed): Opened {
  const { node } = item
  if (node.type === 'leaf') {
    writer.wait(item)
    return item
  }
  const content = contentOf(node)
  writer.wait({ head: [item.head, content.head].filter((text) => text !== '').join('\n') })
  return { ...item, content }
}
