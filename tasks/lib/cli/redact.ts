import { secretForms } from './secret-forms.ts'

/** What stands in every output where a secret value was. */
export const redacted = '***'

/** Every form of every registered secret. */
const forms = new Set<string>()

/**
 * Keeps a secret value, and its encoded forms, out of everything this process prints, logs or records from now on.
 * Call it the moment the value is read. Values below 4 characters are not kept out: they would blank all text.
 */
export function registerSecret(value: string | undefined): void {
  if (value === undefined || forms.has(value)) return
  for (const form of secretForms(value)) forms.add(form)
}

/** The text with every registered secret replaced by ***; `also` names further values, for this text only. */
export function redact(text: string, also: string[] = []): string {
  const wanted = [...forms, ...also.flatMap(secretForms)]
  const hidden = mergeSpans(wanted.flatMap((form) => spansOf(text, form)))
  if (hidden.length === 0) return text
  let result = ''
  let from = 0
  for (const [start, end] of hidden) {
    result += text.slice(from, start) + redacted
    from = end
  }
  return result + text.slice(from)
}

/** Forgets every registered secret: for tests. */
export function forgetSecrets(): void {
  forms.clear()
}

type Span = [start: number, end: number]

function spansOf(text: string, form: string): Span[] {
  const spans: Span[] = []
  for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1))
    spans.push([at, at + form.length])
  return spans
}

// Secrets may overlap in a text: replacing one after the other would leave the rest of the second one standing.
function mergeSpans(spans: Span[]): Span[] {
  const merged: Span[] = []
  for (const span of spans.sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1)
    if (last && span[0] <= last[1]) last[1] = Math.max(last[1], span[1])
    else merged.push(span)
  }
  return merged
}
