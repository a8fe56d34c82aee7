import { type JsonObject, readJson } from '../stores/json/read.ts'
import { writeJson } from '../stores/json/write.ts'
import type { Edit } from '../stores/splice.ts'
import { entry, type MapNode, map, type Node, type Place } from '../tree/tree.ts'
import { lineBreak, type TextEdits } from './text-edits.ts'

/** The edits of JSON: a new key goes to the end of its object, laid out as its neighbours are. */
export const jsonEdits: TextEdits = ({ text }, { path: { steps }, node }) => {
  if (steps.some((step) => typeof step === 'number')) return undefined
  const objects = new Map<MapNode, JsonObject>()
  const top = readJson(text, { file: '', encrypted: false }, (object) => objects.set(object.root, object))
  let object = top
  for (const [depth, step] of steps.entries()) {
    const index = object.root.items.findLastIndex((item) => item.type === 'entry' && item.key === step)
    const found = object.root.items[index]
    const rest = steps.slice(depth + 1) as string[]
    if (found?.type !== 'entry') return node && [added(text, object, [String(step), ...rest], node)]
    if (rest.length === 0) return node ? undefined : removed(object, index)
    const next = found.value.type === 'map' ? objects.get(found.value) : undefined
    if (!next) return undefined
    object = next
  }
  return undefined
}

function added(text: string, { members, inside }: JsonObject, keys: string[], node: Node): Edit {
  const own = keys.slice(1).reduceRight<Node>((inner, step) => map([entry(step, inner)]), node)
  const last = members.at(-1)
  const outer = indentAt(text, inside.start - 1)
  const step = /^([ \t]+)"/m.exec(text)?.[1] ?? '\t'
  const isOneLine = last && !text.slice(inside.start, members[0]!.start).includes('\n')
  const member = memberText(keys[0]!, own, { indent: isOneLine ? outer : outer + step, step })
  if (!last)
    return { ...inside, text: `${lineBreak(text)}${outer}${step}${member}${lineBreak(text)}${outer}` }
  const space = isOneLine ? ' ' : `${lineBreak(text)}${indentAt(text, last.start)}`
  return { start: last.end, end: last.end, text: `,${space}${member}` }
}

// "key": value, out of an object that holds nothing else.
function memberText(key: string, node: Node, { indent, step }: { indent: string; step: string }): string {
  const object = writeJson(map([entry(key, node)]), { indent: step })
  return object.slice(object.indexOf('"'), object.lastIndexOf('\n')).replaceAll(`\n${step}`, `\n${indent}`)
}

function removed({ members, inside }: JsonObject, index: number): Edit[] {
  const [before, own, after] = [members[index - 1], members[index]!, members[index + 1]] as (
    | Place
    | undefined
  )[]
  if (after) return [{ start: own!.start, end: after.start, text: '' }]
  return [before ? { start: before.end, end: own!.end, text: '' } : { ...inside, text: '' }]
}

function indentAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  return /^[ \t]*/.exec(text.slice(start))![0]
}
