import { redact } from '../redact.ts'

/** JSON with secrets redacted in keys and values; BigInt prints as a whole number. Without indent it is one line. */
export function jsonText(value: unknown, indent = 0): string {
  return write(value, { indent, depth: 0 }) ?? 'null'
}

interface Layout {
  indent: number
  depth: number
}

// undefined is what JSON has no form for: a function, undefined itself.
function write(value: unknown, layout: Layout): string | undefined {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'bigint') return number(String(value))
  if (typeof value === 'number') return Number.isFinite(value) ? number(String(value)) : 'null'
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if ('toJSON' in value && typeof value.toJSON === 'function') return write(value.toJSON(), layout)
  const inside = { ...layout, depth: layout.depth + 1 }
  if (Array.isArray(value)) {
    const items = value.map((item) => write(item, inside) ?? 'null')
    return bracket('[]', items, layout)
  }
  const entries = Object.entries(value).flatMap(([key, field]) => {
    const text = write(field, inside)
    return text === undefined ? [] : [`${quoted(key)}:${layout.indent > 0 ? ' ' : ''}${text}`]
  })
  return bracket('{}', entries, layout)
}

function quoted(text: string): string {
  return JSON.stringify(redact(text))
}

// A secret may be a number: it turns into the string "***".
function number(text: string): string {
  const safe = redact(text)
  return safe === text ? text : JSON.stringify(safe)
}

function bracket(pair: string, items: string[], { indent, depth }: Layout): string {
  if (items.length === 0) return pair
  if (indent === 0) return `${pair[0]}${items.join(',')}${pair[1]}`
  const inner = ' '.repeat(indent * (depth + 1))
  const outer = ' '.repeat(indent * depth)
  return `${pair[0]}\n${items.map((item) => inner + item).join(',\n')}\n${outer}${pair[1]}`
}
