import { stringifyJson } from './json.ts'
import type { KubernetesObject } from './object.ts'
import { readsAsString } from './yaml/scalars.ts'

/** Objects as a YAML stream that kubectl reads back as the same objects; each may have comment lines above it. */
export function printYaml(objects: KubernetesObject[], comments: string[][] = []): string {
  return objects
    .map(
      (object, index) =>
        `---\n${(comments[index] ?? []).map((line) => `# ${line}\n`).join('')}${block(object, '')}`,
    )
    .join('')
}

/** Objects as one List, the JSON that `kubectl -o json` would print. */
export function printJson(objects: KubernetesObject[]): string {
  return `${stringifyJson({ apiVersion: 'v1', kind: 'List', items: objects }, 2)}\n`
}

/** The lines of a map or a list at an indentation. */
function block(value: object, indent: string): string {
  if (Array.isArray(value)) return value.map((item) => `${indent}- ${listItem(item, `${indent}  `)}`).join('')
  return Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([key, field]) => `${indent}${inlineText(key)}:${mapField(field, indent)}`)
    .join('')
}

// A list stands at the indentation of its key, as kubectl prints it.
function mapField(value: unknown, indent: string): string {
  if (!isFilled(value)) return ` ${scalar(value, `${indent}  `)}\n`
  return `\n${block(value, Array.isArray(value) ? indent : `${indent}  `)}`
}

// A map begins on the line of its dash.
function listItem(value: unknown, indent: string): string {
  return isFilled(value) ? block(value, indent).slice(indent.length) : `${scalar(value, indent)}\n`
}

function isFilled(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

function scalar(value: unknown, indent: string): string {
  if (typeof value === 'string') return value.includes('\n') ? multiline(value, indent) : inlineText(value)
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? '[]' : '{}'
  return String(value)
}

// A literal block shows text as it is. Text that begins with white space or holds what YAML takes for a line break
// or does not allow would not come back from one.
function multiline(text: string, indent: string): string {
  const fits = /^[^\s]/.test(text) && !unprintable.test(text)
  if (!fits) return quoted(text)
  const ending = text.endsWith('\n\n') ? '+' : text.endsWith('\n') ? '' : '-'
  const lines = text.replace(/\n$/, '').split('\n')
  return `|${ending}\n${lines.map((line) => (line === '' ? '' : indent + line)).join('\n')}`
}

const unprintable = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/

function inlineText(text: string): string {
  return isPlain(text) && readsAsString(text) ? text : quoted(text)
}

// Far fewer than YAML allows, so that other readers see a string too: a word that begins with a letter, or several.
function isPlain(text: string): boolean {
  return (
    /^[A-Za-z_/$][\w./@+$=,-]*(?:[ :][\w./@+$=][\w./@+$=,-]*)*$/.test(text) || /^\d+[A-Za-z]+$/.test(text)
  )
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, escapeSequence)
}

function escapeSequence(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
