import { redact } from '../../cli/redact.ts'
import { printable } from '../../cli/terminal/screen-text.ts'

/** Markup that is safe to put into a page as it stands; only html`…` makes it. */
export interface Html {
  markup: string
}

type Value = string | number | undefined | Html | Html[]

/** Markup from a literal: every text between is redacted and escaped, whatever it holds. */
export function html(literal: TemplateStringsArray, ...values: Value[]): Html {
  const parts = literal.map((text, index) => text + (index < values.length ? markupOf(values[index]) : ''))
  return { markup: parts.join('') }
}

function markupOf(value: Value): string {
  if (value === undefined) return ''
  if (Array.isArray(value)) return value.map(({ markup }) => markup).join('')
  return typeof value === 'object' ? value.markup : escaped(printable(redact(String(value))))
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!)
}
