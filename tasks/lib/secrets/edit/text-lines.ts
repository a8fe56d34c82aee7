import { readDotenv } from '../stores/flat/dotenv-lines.ts'
import { dotenvStore } from '../stores/flat/dotenv-store.ts'
import { type Ini, readIni, type Section } from '../stores/flat/ini-read.ts'
import { iniStore } from '../stores/flat/ini-store.ts'
import type { Edit } from '../stores/splice.ts'
import { type Entry, entry, map, type Node } from '../tree/tree.ts'
import { insertedLines, lineEnd, lineStart, type TextEdits } from './text-edits.ts'

const clear = { file: '', encrypted: false }

/** The edits of dotenv: a new variable is the last line. */
export const dotenvEdits: TextEdits = ({ text }, { path: { steps }, node }) => {
  const key = String(steps[0])
  if (node) {
    const line = Buffer.from(dotenvStore.emit({ branches: [map([entry(key, node)])] })).toString()
    return [insertedLines(text, text.length, line)]
  }
  return readDotenv(text, clear)
    .filter((line) => line.key === key)
    .map(({ whole }) => ({ ...whole, text: '' }))
}

/** The edits of INI: a new key is the last of its section, a new section the last of the file. */
export const iniEdits: TextEdits = ({ text }, { path: { steps }, node }) => {
  const [name, key] = steps.map(String) as [string, string]
  const ini = readIni(text, clear)
  const section = ini.sections.findLast((each) => each.name === name)
  if (!node) return section && removed(text, section, key)
  const lines = iniText(name, key ? map([entry(key, node)]) : node)
  if (!section || !key) return [insertedLines(text, text.length, (text.trim() === '' ? '' : '\n') + lines)]
  const end = sectionEnd(text, section, ini)
  return [insertedLines(text, end, name === 'DEFAULT' ? lines : lines.slice(lines.indexOf('\n') + 1))]
}

function iniText(name: string, section: Node): string {
  const item: Entry = entry(name, section)
  return Buffer.from(iniStore.emit({ branches: [map([item])] })).toString()
}

// Behind the last key, or behind the header where there is none.
function sectionEnd(text: string, { keys, start }: Section, { sections }: Ini): number {
  const ends = [...keys.values()].flatMap(({ place }) => (place ? [place.end] : []))
  if (ends.length > 0) return lineEnd(text, Math.max(...ends))
  const next = sections.find((section) => section.start > start)?.start ?? text.length
  return lineEnd(text, start + text.slice(start, next).trimEnd().length - 1)
}

function removed(text: string, { keys }: Section, key: string): Edit[] | undefined {
  const place = keys.get(key)?.place
  return place && [{ start: lineStart(text, place.start), end: lineEnd(text, place.end), text: '' }]
}
