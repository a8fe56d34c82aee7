import type { Place } from '../../tree/tree.ts'
import type { ParseOptions } from '../store.ts'
import { textError } from '../text.ts'

/** A line of a dotenv file: a value of a key, or a comment, which has no key. */
export interface DotenvLine {
  key?: string
  value: string
  place: Place
  /** The line with its line end. */
  whole: Place
  line: number
}

/**
 * The lines of a dotenv file, without the empty ones. A carriage return is part of the value, as in sops; but not in an
 * encrypted file where each line has one: sops never writes that, git does. Throws a SecretError with the line.
 */
export function readDotenv(text: string, options: ParseOptions): DotenvLine[] {
  const lines = text.split('\n')
  const end =
    options.encrypted && lines.every((line, index) => hasReturn(line, index === lines.length - 1)) ? 1 : 0
  let start = 0
  return lines.flatMap((line, index) => {
    const whole = { start, end: Math.min(start + line.length + 1, text.length) }
    start += line.length + 1
    const content = end > 0 ? line.replace(/\r$/, '') : line
    return content === '' ? [] : [{ ...readLine(content, { ...options, line: index + 1 }, whole), whole }]
  })
}

function hasReturn(line: string, isLast: boolean): boolean {
  return line.endsWith('\r') || (isLast && line === '')
}

function readLine(
  content: string,
  options: ParseOptions & { line: number },
  { start }: Place,
): Omit<DotenvLine, 'whole'> {
  const end = start + content.length
  const { line } = options
  if (content.startsWith('#')) return { value: content.slice(1), place: { start: start + 1, end }, line }
  const equals = content.indexOf('=')
  if (equals === -1) throw textError('expected KEY=VALUE', options)
  const value = content.slice(equals + 1)
  return { key: content.slice(0, equals), value, place: { start: start + equals + 1, end }, line }
}
