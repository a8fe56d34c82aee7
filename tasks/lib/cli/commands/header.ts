import type { Group } from '../task.ts'

/** What the list of tasks needs to know of a task. */
export interface Header {
  group?: Group
  summary?: string
  oldNames: string[]
}

const tokenPattern =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`|[\w$]+|[^\s]/g
const definitionStart = /\bdefineTask\s*\(\s*import\.meta\s*,\s*\{/

/**
 * Group, summary and old names as a task's source spells them, without running it: the list must not load what the
 * tasks load. What is not written as plain strings is left out.
 */
export function readHeader(source: string): Header {
  const fields = definitionFields(source)
  return {
    group: text(fields.get('group')) as Group | undefined,
    summary: text(fields.get('summary')),
    oldNames: (fields.get('oldNames') ?? []).filter(isString).map(unquote),
  }
}

// The tokens of each field of the definition's own level: an option's summary is one level deeper.
function definitionFields(source: string): Map<string, string[]> {
  const fields = new Map<string, string[]>()
  const start = definitionStart.exec(source)
  if (start === null) return fields
  let depth = 0
  let field: string[] | undefined
  for (const token of tokens(source.slice(start.index + start[0].length))) {
    if ('}])'.includes(token)) depth--
    if (depth < 0) break
    if (depth === 0 && token === ',') field = undefined
    else if (field !== undefined) field.push(token)
    else {
      field = []
      fields.set(token, field)
    }
    if ('{[('.includes(token)) depth++
  }
  return fields
}

function tokens(source: string): string[] {
  return (source.match(tokenPattern) ?? []).filter((token) => !/^\/[/*]/.test(token))
}

function text(field: string[] | undefined): string | undefined {
  const [colon, ...value] = field ?? []
  if (colon !== ':' || value.length === 0) return undefined
  if (!value.every((token) => token === '+' || isString(token))) return undefined
  return value.filter(isString).map(unquote).join('')
}

function isString(token: string): boolean {
  return /^['"]/.test(token) || (token.startsWith('`') && !token.includes('${'))
}

function unquote(token: string): string {
  return token.slice(1, -1).replace(/\\(.)/g, '$1')
}
