import dotenv from 'dotenv'
import type { Finding } from '../../cli/errors.ts'
import type { Definition } from './resolver.ts'

/** What an .env file declares, in order, and what is wrong with its lines. */
export interface EnvFile {
  definitions: Definition[]
  findings: Finding[]
}

interface Statement {
  name: string
  /** The whole statement; several lines when a quoted value has several. */
  text: string
  quote: string
  line: number
  lines: number
  column: number
}

interface Source {
  file: string
  /** Said of the origin: ".env" gives ".env:3". */
  label: string
  findings: Finding[]
}

/** Reads the text of an .env file. dotenv gives each value; lines, quotes and mistakes are found here. */
export function readEnvFile(text: string, options: { file: string; label?: string }): EnvFile {
  const source: Source = { file: options.file, label: options.label ?? options.file, findings: [] }
  const lines = text
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .split('\n')
  const definitions: Definition[] = []
  for (let index = 0; index < lines.length; ) {
    const statement = isBlank(lines[index]!) ? undefined : readStatement(lines, index, source)
    if (statement) definitions.push(definitionOf(statement, source))
    index += statement?.lines ?? 1
  }
  reportDuplicates(definitions, source)
  return { definitions, findings: source.findings }
}

function isBlank(line: string): boolean {
  return /^\s*(#.*)?$/.test(line)
}

function readStatement(lines: string[], index: number, source: Source): Statement | undefined {
  const line = lines[index]!
  const match = /^(\s*(?:export\s+)?)([^\s=]+)(\s*=)(\s*)(.*)$/.exec(line)
  if (!match) return badLine(line, index, source)
  const [, before, name, , space, rest] = match
  const column = before!.length + 1
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name!)) {
    const message = `"${name}" is not a name for a variable`
    return report(source, {
      line: index + 1,
      column,
      message,
      hint: 'use letters, digits and "_", for example MY_NAME=value',
    })
  }
  const at = { name: name!, line: index + 1, column }
  if (/^['"`]/.test(rest!)) return readQuoted({ ...at, start: line.length - rest!.length }, lines, source)
  reportCutValue(at, `${space}${rest}`, source)
  return { ...at, text: line, quote: '', lines: 1 }
}

function badLine(line: string, index: number, source: Source): undefined {
  const colon = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*:\s/.exec(line)
  const hint = colon
    ? `write ${colon[1]}=… with "=" instead of ":"`
    : 'put "#" before it to make it a comment'
  return report(source, {
    line: index + 1,
    column: 1 + line.search(/\S/),
    message: 'expected NAME=value',
    hint,
  })
}

function readQuoted(
  at: { name: string; line: number; column: number; start: number },
  lines: string[],
  source: Source,
): Statement | undefined {
  const { name, line, column, start } = at
  const following = [lines[line - 1]!.slice(start), ...lines.slice(line)].join('\n')
  const quote = following[0]!
  // The same closing rule as dotenv's: a backslash keeps a quote inside, unless no other quote closes the value.
  const closed = new RegExp(`^${quote}(?:\\\\${quote}|[^${quote}])*${quote}[^\\S\\n]*(#.*)?$`, 'my').exec(
    following,
  )
  if (closed) {
    const text = lines[line - 1]!.slice(0, start) + closed[0]
    return { name, text, quote, line, lines: closed[0].split('\n').length, column }
  }
  const closesOnLine = following.split('\n')[0]!.indexOf(quote, 1) > 0
  const message = closesOnLine
    ? `text after the closing quote of ${name}`
    : `the quote that begins the value of ${name} is never closed`
  const hint = closesOnLine
    ? 'put the whole value in quotes, or the rest behind "#"'
    : `add ${quote} at the end of the value`
  return report(source, { line, column: start + 1, message, hint })
}

// dotenv ends an unquoted value at any "#"; a shell only at one that follows white space.
function reportCutValue(
  at: { name: string; line: number; column: number },
  value: string,
  source: Source,
): void {
  const hash = value.indexOf('#')
  if (hash < 0 || /\s/.test(value[hash - 1] ?? '')) return
  const message = `the value of ${at.name} would end before its "#"`
  const hint = `put it in quotes: ${at.name}='…#…'; a comment needs a space before "#"`
  report(source, { line: at.line, column: at.column, message, hint })
}

function definitionOf(statement: Statement, source: Source): Definition {
  const { name, text, quote, line, column } = statement
  return {
    name,
    text: dotenv.parse(text)[name] ?? '',
    expands: quote === '' || quote === '"',
    origin: `${source.label}:${line}`,
    place: { file: source.file, line, column },
  }
}

function reportDuplicates(definitions: Definition[], source: Source): void {
  const first = new Map<string, number>()
  for (const { name, place } of definitions) {
    const earlier = first.get(name)
    first.set(name, place!.line!)
    if (earlier === undefined) continue
    const message = `${name} is set again, line ${earlier} does not count`
    source.findings.push({ severity: 'warning', ...place, message, hint: 'remove one of the two lines' })
  }
}

function report(source: Source, finding: Omit<Finding, 'severity' | 'file'>): undefined {
  source.findings.push({ severity: 'error', file: source.file, ...finding })
  return undefined
}
