import { isEncrypted } from '../../tree/cipher.ts'
import type { Edit } from '../splice.ts'
import type { YamlNode } from './syntax/node.ts'

/**
 * Empties the comments of a clear text that no reader finds: go-yaml passes over some, such as one between the - of a
 * list and its value. They are not encrypted, and so must not stay; sops drops them too. Their # stays, so that the
 * comments around them belong where they did.
 */
export function lostComments(
  text: string,
  { roots, known }: { roots: YamlNode[]; known: ReadonlySet<number> },
): Edit[] {
  const covered = roots.flatMap((root) => scalarsOf(root, text)).sort((a, b) => a.start - b.start)
  const comment = /(?<=^|[ \t\r\n\x85\u2028\u2029])#[^\r\n\x85\u2028\u2029]+/g
  const edits: Edit[] = []
  let at = 0
  for (let found = comment.exec(text); found; found = comment.exec(text)) {
    while (covered[at] && covered[at]!.end <= found.index) at++
    const scalar = covered[at]
    if (scalar && scalar.start <= found.index) comment.lastIndex = scalar.end
    else if (!known.has(found.index) && !isEncrypted(found[0].slice(1)))
      edits.push({ start: found.index, end: found.index + found[0].length, text: '#' })
  }
  return edits
}

// The lines of a block follow its first, on which a comment may stand.
function scalarsOf(
  { kind, style, place, content }: YamlNode,
  text: string,
): { start: number; end: number }[] {
  if (kind !== 'scalar') return content.flatMap((node) => scalarsOf(node, text))
  if (!place) return []
  if (style !== 'literal' && style !== 'folded') return [place]
  const lineEnd = text.indexOf('\n', place.start)
  return lineEnd < 0 || lineEnd >= place.end ? [] : [{ start: lineEnd, end: place.end }]
}
