import type { Scalar } from '../../tree/tree.ts'
import { type StyledScalar, styleOf } from './scalar-style.ts'
import { blockHeader, doubleQuoted, startsWithSpace } from './scalar-text.ts'
import type { Writer } from './writer.ts'

/** Writes a value where the writer stands. */
export function emitScalar(writer: Writer, value: Scalar, { inList }: { inList: boolean }): void {
  emitStyled(writer, styleOf(value), { inList })
}

/** Writes a key, and the colon that sets it off from its value. */
export function emitKey(writer: Writer, key: string): void {
  const styled = styleOf(key)
  const isSimple = isSimpleKey(styled)
  if (!isSimple) writer.sign('?', { inIndent: true })
  emitStyled(writer, styled, { inList: false })
  if (!isSimple) writer.newLine()
  writer.sign(':', isSimple ? { glued: true } : { inIndent: true })
}

// Of one line and at most 128 bytes.
function isSimpleKey({ text, tag }: StyledScalar): boolean {
  return !/[\n\r\x85\u2028\u2029]/.test(text) && Buffer.byteLength(text) + (tag?.length ?? 0) <= 128
}

function emitStyled(writer: Writer, styled: StyledScalar, { inList }: { inList: boolean }): void {
  const { text, tag } = styled
  if (tag) writer.sign(tag)
  const outer = Math.max(writer.indent, 0)
  writer.indented({ inList, flow: true }, () => {
    const style = isBroken(styled, writer.indent - outer === writer.step) ? 'double' : styled.style
    if (style === 'plain') writer.sign(text)
    else if (style === 'double') writer.sign(doubleQuoted(text))
    else if (style === 'single') emitSingleQuoted(writer, text)
    else emitLiteral(writer, text)
  })
}

// Where sops writes a block that reads back as null, or not at all: the only texts that are written otherwise.
function isBroken({ style, text }: StyledScalar, isIndentedByStep: boolean): boolean {
  return style === 'literal' && (/^\t/.test(text) || (!isIndentedByStep && startsWithSpace.test(text)))
}

function emitSingleQuoted(writer: Writer, text: string): void {
  writer.sign("'")
  writer.lines(text.replaceAll("'", "''"))
  writer.sign("'", { glued: true })
}

// A comment that belongs behind the value stands behind the | of its first line.
function emitLiteral(writer: Writer, text: string): void {
  writer.sign(blockHeader(text, writer.step))
  if (writer.line === '') writer.break()
  else writer.writeLine()
  writer.lines(text, { startsLine: true })
}
