import type { Scalar } from 'yaml'
import { pathText } from '../build/paths.ts'
import type { Piece } from '../substitute/lex.ts'
import type { ScalarNode, TemplateNode } from '../substitute/template.ts'
import type { Position } from '../substitute/zones.ts'
import type { Compiler } from './compiler.ts'
import { startOf } from './parse.ts'
import { adaptToQuotes } from './quotes.ts'
import { isProblem, type ScalarSource, typeKey, typeScalar } from './scalars.ts'

/** A key, as Kubernetes reads it or with the references in it; undefined where it is an error. */
export function compileKey(
  key: Scalar,
  position: Position,
  compiler: Compiler,
): string | ScalarNode | undefined {
  if (key.anchor) compiler.anchors.set(key.anchor, key)
  const scalar = readScalar(key, position, compiler)
  if ('kind' in scalar) return scalar
  const typed = typeKey(scalar)
  if (isProblem(typed)) {
    compiler.report('error', typed.problem, startOf(key))
    return undefined
  }
  if (typed !== scalar.text && !scalar.tag) {
    compiler.report(
      'warning',
      `Kubernetes reads the key ${scalar.text} as "${typed}"; quote it to keep it`,
      startOf(key),
    )
  }
  return typed
}

/** A value: typed, or with the references in it. */
export function compileScalar(node: Scalar, position: Position, compiler: Compiler): TemplateNode {
  const scalar = readScalar(node, position, compiler)
  if ('kind' in scalar) return scalar
  const value = typeScalar(scalar)
  if (!isProblem(value)) return { kind: 'constant', value }
  compiler.report('error', value.problem, startOf(node))
  return { kind: 'constant', value: null }
}

/** The scalar's own text, or a node with the references in it. */
function readScalar(node: Scalar, { zone }: Position, compiler: Compiler): ScalarSource | ScalarNode {
  const { source = '', type, tag = '' } = node
  const isPlain = type === 'PLAIN'
  const found = compiler.marked.pieces(source)
  if (found === undefined) return { text: source, isPlain, tag }
  const pieces = adaptToQuotes(found, type)
  if (zone === 'closed') return { text: rawText(pieces), isPlain, tag }
  const offset = compiler.marked.offset(startOf(node))
  return { kind: 'scalar', pieces, isPlain, tag, zone, offset, path: pathText(compiler.path) }
}

/** The text as the file has it. */
export function rawText(pieces: Piece[]): string {
  return pieces.map((piece) => (typeof piece === 'string' ? piece : piece.raw)).join('')
}
