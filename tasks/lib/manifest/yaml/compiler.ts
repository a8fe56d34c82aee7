import type { Node } from 'yaml'
import type { MarkedText } from '../substitute/placeholders.ts'
import type { TemplateNode } from '../substitute/template.ts'
import type { Position } from '../substitute/zones.ts'

/** What compiling a document needs and keeps. Offsets are those of the marked text. */
export interface Compiler {
  marked: MarkedText
  report(severity: 'error' | 'warning', message: string, offset: number): void
  /** "line 5", for a message about two places. */
  lineOf(offset: number): string
  /** The way from the document's root to where the walk is. */
  path: (string | number)[]
  /** Anchored nodes met so far, by name. */
  anchors: Map<string, Node>
  /** What an alias stands for, by where it stands. */
  aliased: Map<Node, Map<Position, TemplateNode>>
  /** Anchored nodes that the walk is inside of. */
  open: Set<Node>
}

/** Does some work below the steps of a path. */
export function compileIn<T>(compiler: Compiler, steps: (string | number)[], work: () => T): T {
  compiler.path.push(...steps)
  const result = work()
  compiler.path.length -= steps.length
  return result
}
