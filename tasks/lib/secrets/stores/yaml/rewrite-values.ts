import { isEncrypted } from '../../tree/cipher.ts'
import { type Comment, comment, type Leaf, leaf, type MapNode, type Place } from '../../tree/tree.ts'
import { type Difference, differences } from '../differences.ts'
import type { Edit } from '../splice.ts'
import type { ListComment } from './list-comments.ts'
import { commentEdit, uncoveredComment } from './rewrite-comments.ts'
import type { Source, Surroundings } from './rewrite-places.ts'
import { styleOf } from './scalar-style.ts'
import { blockHeader, doubleQuoted, startsWithSpace } from './scalar-text.ts'

/** What to write anew for the values and comments that changed; undefined where one has no place of its own. */
export function valueEdits(before: MapNode[], after: MapNode[], source: Source): Edit[] | undefined {
  const edits = differences(before, after)?.map((difference) => editsOf(difference, source))
  return edits?.every((edit) => edit !== undefined) ? withHeaderComments(edits.flat(), source) : undefined
}

function editsOf({ before, after }: Difference, source: Source): Edit[] | undefined {
  const { place } = before
  if (!place) return undefined
  const at = { place, source }
  const isComment = commentOf(before) !== undefined
  const text = commentOf(after) ?? (isComment ? sealedComment(after as Leaf) : undefined)
  if (!text) return isComment ? undefined : scalarEdits(after as Leaf, at)
  if (!isComment && isEncrypted(text.text)) return scalarEdits(leaf(text.text), at)
  const edit = isComment ? commentEdit(text, at) : uncoveredComment(text, at)
  return edit && [edit]
}

function sealedComment({ value }: Leaf): Comment | undefined {
  return typeof value === 'string' && isEncrypted(value) ? comment(value) : undefined
}

function commentOf(item: Leaf | Comment | ListComment): Comment | undefined {
  if (item.type === 'comment') return item
  return 'comment' in item ? item.comment : undefined
}

function scalarEdits(
  { value }: Leaf,
  { place, source }: { place: Place; source: Source },
): Edit[] | undefined {
  const where = source.surroundings.get(place.start)
  if (!where) return undefined
  const { style, text, tag } = styleOf(value)
  const start = (source.text[place.start - 1] === ':' ? ' ' : '') + (tag ? `${tag} ` : '')
  const block = style === 'literal' ? blockEdits(text, { start, place, where, source }) : undefined
  return block ?? [{ ...place, text: start + onOneLine({ style, text }, where) }]
}

// What is plain in a block may mean something in brackets.
function onOneLine({ style, text }: { style: string; text: string }, { isFlow }: Surroundings): string {
  if (style === 'plain' && !(isFlow && /[,?[\]{}:]/.test(text))) return text
  const hasBreak = /[\n\r\x85\u2028\u2029]/.test(text)
  return hasBreak || style === 'double' ? doubleQuoted(text) : `'${text.replaceAll("'", "''")}'`
}

// The lines of a block follow the line of its |, and so whatever else stands on that line.
function blockEdits(
  text: string,
  { start, place, where, source }: { start: string; place: Place; where: Surroundings; source: Source },
): Edit[] | undefined {
  const header = blockHeader(text, 0)
  if (where.isFlow || startsWithSpace.test(text) || /^\t|[\r\x85\u2028\u2029]/.test(text)) return undefined
  const lineEnd = /\r?\n/g
  lineEnd.lastIndex = place.end
  const found = lineEnd.exec(source.text)
  if (!found || header.endsWith('+') || takesInComment(where, found)) return undefined
  const indent = ' '.repeat(where.indent)
  const lines = text.replace(/\n$/, '').split('\n')
  const block = lines.map((line) => found[0] + (line === '' ? '' : indent + line)).join('')
  return [
    { ...place, text: start + header },
    { start: found.index, end: found.index, text: block },
  ]
}

// A comment below that is indented as the block would be is a line of it.
function takesInComment({ indent }: Surroundings, { 0: lineBreak, index, input }: RegExpExecArray): boolean {
  const below = /\s*?^( *)#/my
  below.lastIndex = index + lineBreak.length
  return (below.exec(input)?.[1]?.length ?? -1) >= indent
}

const headerComment = /^(?:!\S*[ \t]+)?[|>][-+\d]*([ \t]+)(?=#)/

// A comment behind the | of a block is part of the block's place: it goes behind what takes the place of the block.
function withHeaderComments(edits: Edit[], { text }: Source): Edit[] {
  const byStart = new Map(edits.map((edit) => [edit.start, edit]))
  const covered = new Set<Edit>()
  const all = edits.map((edit) => {
    const old = text.slice(edit.start, edit.end)
    const [before, blanks] = headerComment.exec(old) ?? []
    if (before === undefined) return edit
    const comment = byStart.get(edit.start + before.length)
    if (comment) covered.add(comment)
    const comments = comment?.text ?? /^[^\r\n]*/.exec(old.slice(before.length))![0]
    return { ...edit, text: edit.text + blanks + comments }
  })
  return all.filter((_, index) => !covered.has(edits[index]!))
}
